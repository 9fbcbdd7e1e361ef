"""Local days through the real models, against the time zones of Python.

What is asked of each time zone is asked at the seconds where a mistake shows: before,
on and after each local midnight and each change of the clock. There is a midnight that
is skipped, one that comes twice, a day that is skipped, and a clock that moves by half
an hour.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from compiled_project import RULE_INPUTS, CompiledProject

pytest_plugins = "dbt_project"

PLACES = [
    ("America/Los_Angeles", date(2026, 3, 8)),
    ("America/Los_Angeles", date(2026, 11, 1)),
    ("Asia/Kolkata", date(2026, 6, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    # On the first day midnight is skipped, before the second an hour comes twice.
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    # After 29 December came the 31st.
    ("Pacific/Apia", date(2011, 12, 30)),
    # A minute after midnight the clock went back into the day before.
    ("America/St_Johns", date(2010, 11, 7)),
]
CALENDARS = [
    ("America/Los_Angeles", date(2026, 3, 8), "week"),
    ("America/Sao_Paulo", date(2017, 10, 15), "week"),
    ("Australia/Lord_Howe", date(2026, 4, 5), "week"),
    ("Asia/Kolkata", date(2026, 6, 30), "month"),
    ("Pacific/Apia", date(2011, 12, 31), "month"),
    ("Pacific/Apia", date(2011, 12, 30), "day"),
    ("America/St_Johns", date(2010, 11, 7), "day"),
]
ON_CALENDAR = {
    "day": lambda day: True,
    "week": lambda day: day.isoweekday() == 7,
    "month": lambda day: (day + timedelta(1)).day == 1,
}
COUNT = 4
LENGTHS = [1, 2, 3, 4]


class Place:
    """A time zone around a day."""

    def __init__(self, time_zone, day):
        self.zone = ZoneInfo(time_zone)
        self.day = day

    def date(self, instant):
        return instant.astimezone(self.zone).date()

    def noon(self, days=0):
        """Noon in UTC of the day or of one before or after it."""
        return datetime.combine(self.day + timedelta(days), time(12), UTC)

    def edges(self):
        """Seconds before, on and after each midnight and change of the clock."""
        minute, instant, found = timedelta(minutes=1), self.noon(-2), set()
        before = instant.astimezone(self.zone)
        while instant < self.noon(2):
            instant += minute
            after = instant.astimezone(self.zone)
            is_edge = before.date() != after.date()
            if is_edge or before.utcoffset() != after.utcoffset():
                for seconds in (-1800, -1, 0, 1, 1800):
                    found.add(instant + timedelta(seconds=seconds))
            before = after
        return sorted(found)


def written(instant):
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def event(name, occurred_at, received_at=None):
    """An event of a user of its own."""
    return {
        "event_id": name,
        "event_name": "purchase",
        "user_id": name,
        "occurred_at": written(occurred_at),
        "received_at": written(received_at or occurred_at),
    }


@pytest.fixture(scope="module")
def compiled_for(parsed_project):
    """Return what compiles the models for variables, once."""
    made = {}

    def compiled(needed, **variables):
        key = (needed, *sorted(variables.items()))
        if key not in made:
            made[key] = CompiledProject(parsed_project, needed=needed, **variables)
        return made[key]

    yield compiled
    for one in made.values():
        one.close()


@pytest.fixture(params=PLACES, ids=lambda place: f"{place[0]} {place[1]}")
def place(request, compiled_for):
    """A place, with the models that rules read, on the days around its day."""
    time_zone, _ = request.param
    place = Place(*request.param)
    place.compiled = compiled_for(
        (*RULE_INPUTS, "int_sessions"),
        time_zone=time_zone,
        snapshot_cadence="day",
        snapshot_count=COUNT,
    )
    return place


@pytest.fixture(params=CALENDARS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def calendar(request, compiled_for):
    """A place with its snapshot dates alone."""
    time_zone, day, cadence = request.param
    place = Place(time_zone, day)
    place.is_on_calendar = ON_CALENDAR[cadence]
    place.compiled = compiled_for(
        ("int_as_of_dates",),
        time_zone=time_zone,
        snapshot_cadence=cadence,
        snapshot_count=COUNT,
    )
    return place


def dates_of(place, column, model, key):
    rows = place.compiled.query(
        f"select {key} as key, {column} as value from warehouse.intermediate.{model}"
    )
    return {row["key"]: row["value"] for row in rows}


def test_every_local_date_is_that_of_the_time_zone(place):
    at = {f"at {written(edge)}": edge for edge in place.edges()}
    place.compiled.load(
        events=[event(name, edge) for name, edge in at.items()],
        users=[
            {"user_id": name, "updated_at": written(edge)} for name, edge in at.items()
        ],
    )
    expected = {name: place.date(edge) for name, edge in at.items()}
    assert dates_of(place, "activity_date", "int_events", "event_id") == expected
    assert dates_of(place, "received_date", "int_events", "event_id") == expected
    users = {f"user:{name}": day for name, day in expected.items()}
    assert dates_of(place, "activity_date", "int_sessions", "identity_id") == users
    profiles = dates_of(place, "valid_from_date", "int_user_profiles", "user_id")
    assert profiles == expected


def test_a_profile_is_what_was_known_up_to_the_local_date(place):
    """Each user has two changes, of a column that both set and of one for each."""
    edges = place.edges()
    users = {f"from {written(edges[n])}": edges[n : n + 2] for n in range(len(edges))}
    place.compiled.load(
        events=[event("first", place.noon(-10)), event("last", place.noon(1))],
        users=[
            {
                "user_id": name,
                "updated_at": written(edge),
                "plan": column,
                column: "set",
                "traits": f'{{"plan": "{column}"}}',
            }
            for name, pair in users.items()
            for edge, column in zip(pair, ("city", "company"), strict=False)
        ],
    )
    current = place.date(place.noon(1))
    expected = {}
    for name, pair in users.items():
        # A change of an earlier date is an earlier one, even where its time is later.
        changes = sorted(
            (place.date(edge), edge, column)
            for edge, column in zip(pair, ("city", "company"), strict=False)
        )
        for day in (current - timedelta(days=ago) for ago in range(COUNT)):
            if known := [column for on, _, column in changes if on <= day]:
                expected[day, name] = (known[-1], "city" in known, "company" in known)
    profiles = place.compiled.query(
        "select * from warehouse.intermediate.int_profiles_as_of"
    )
    assert expected == {
        (row["as_of_date"], row["user_id"]): (
            row["plan"],
            row["city"] == "set",
            row["company"] == "set",
        )
        for row in profiles
    }
    traits = place.compiled.query(
        "select * from warehouse.intermediate.int_traits_as_of"
    )
    assert {key: f'"{plan}"' for key, (plan, *_) in expected.items()} == {
        (row["as_of_date"], row["user_id"]): row["trait_value"] for row in traits
    }


def test_a_window_is_whole_local_days(place):
    at = {f"at {written(edge)}": edge for edge in place.edges()}
    rules = {}
    for days in LENGTHS:
        rules[f"last_{days}"] = f"performed('purchase', within_days={days})"
        rules[f"before_{days}"] = f"performed('purchase', until_days_ago={days})"
        rules[f"signed_up_{days}"] = f"fact('signed_up_at', 'within days', {days})"
    anchors = [event("first", place.noon(-10)), event("last", place.noon(1))]
    place.compiled.load(
        events=anchors + [event(name, edge) for name, edge in at.items()],
        users=[
            {"user_id": name, "signed_up_at": written(edge)}
            for name, edge in at.items()
        ],
    )
    found = place.compiled.members(place.compiled.sql_of(rules))
    current = max(place.date(edge) for edge in [*at.values(), place.noon(1)])
    for ago in range(COUNT):
        day = current - timedelta(days=ago)
        days_ago = {name: (day - place.date(edge)).days for name, edge in at.items()}
        for days in LENGTHS:
            last = {name for name, since in days_ago.items() if 0 <= since < days}
            before = {name for name, since in days_ago.items() if since >= days}
            assert found.get((day, f"last_{days}"), set()) & at.keys() == last
            assert found.get((day, f"before_{days}"), set()) & at.keys() == before
            assert found.get((day, f"signed_up_{days}"), set()) == last


def snapshot_dates(calendar, events):
    calendar.compiled.load(events=events)
    rows = calendar.compiled.query(
        "select * from warehouse.intermediate.int_as_of_dates order by as_of_date"
    )
    return {row["as_of_date"]: row for row in rows}


def expected_dates(calendar, first, current):
    """The last dates on the calendar, none before the first event, and D."""
    every_day = (first + timedelta(days=n) for n in range((current - first).days + 1))
    on_calendar = [day for day in every_day if calendar.is_on_calendar(day)]
    return sorted({*on_calendar[-COUNT:], current})


def test_the_calendar_ends_with_the_local_date_of_the_last_event(calendar):
    first = event("first", calendar.noon(-40))
    for edge in calendar.edges():
        dates = snapshot_dates(calendar, [first, event("last", edge)])
        current = calendar.date(edge)
        expected = expected_dates(calendar, calendar.date(calendar.noon(-40)), current)
        assert list(dates) == expected, edge
        assert [day for day in dates if dates[day]["is_current"]] == [current], edge
        previous = [dates[day]["previous_as_of_date"] for day in expected]
        assert previous == [None, *expected[:-1]], edge


def test_the_last_local_date_of_receipt_limits_the_current_date(calendar):
    first = event("first", calendar.noon(-10))
    edges = calendar.edges()
    for occurred_at, received_at in zip(edges[3:], edges, strict=False):
        last = event("last", occurred_at, received_at)
        dates = snapshot_dates(calendar, [first, last])
        current = min(calendar.date(occurred_at), calendar.date(received_at))
        assert max(dates) == current, (occurred_at, received_at)


def test_a_date_closes_when_something_arrives_on_a_later_local_date(calendar):
    first, last = calendar.noon(-40), calendar.noon(-1)
    for received_at in [edge for edge in calendar.edges() if edge > last]:
        dates = snapshot_dates(
            calendar,
            [
                event("first", first),
                event("of the day", calendar.noon(0)),
                event("late", last, received_at),
            ],
        )
        reached = max(calendar.date(received_at), calendar.date(calendar.noon(0)))
        for day, row in dates.items():
            # D is open as long as it is D.
            is_open = day == max(dates) or reached <= day
            assert row["is_provisional"] == is_open, (day, received_at)
