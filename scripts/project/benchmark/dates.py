"""The as-of dates of this project, for the ways that do not ask it."""

from datetime import timedelta

SUNDAY = 6


def as_of_dates(last_day, snapshot_count):
    """The last day and so many Sundays up to it, the last day's own among them."""
    days_past = (last_day.weekday() - SUNDAY) % 7
    last_sunday = last_day - timedelta(days=days_past)
    sundays = [
        last_sunday - timedelta(weeks=number) for number in range(snapshot_count)
    ]
    return sorted({last_day, *sundays})
