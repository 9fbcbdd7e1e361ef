"""The memberships in Polars: a script that a data scientist would write, made fast.

Events are read and cleaned once; each date is computed by itself, with one aggregation
per event for all its segments. The rows go to one Parquet file per date.

Run as a program it does one job, a JSON file (see `jobs.py`); its `database` is a
folder.
"""

import sys
from datetime import date
from pathlib import Path

import polars as pl

from project.benchmark import jobs, segments


def main(path):
    job = jobs.read(path)
    asked = [segments.Segment.from_json(row) for row in job["segments"]]
    folder = Path(job["database"])
    folder.mkdir(parents=True, exist_ok=True)
    events = clean_events(job["events"])
    days = identity_days(events)
    known = known_identities(days, pl.read_parquet(job["users"]))
    links = link_days(events)
    # From here on days are enough.
    del events
    for day in map(date.fromisoformat, job["dates"]):
        identities = identities_on(day, known, links)
        matches = memberships_on(day, days, identities, asked)
        matches.write_parquet(folder / f"{day}.parquet")


def clean_events(files):
    """Events, each once: the delivery that was received first."""
    order = [
        *("received_at", "occurred_at", "event_name"),
        *("user_id", "anonymous_id", "revenue"),
    ]
    deliveries = pl.scan_parquet(files).select("event_id", *order).collect()
    is_delivered_twice = pl.col("event_id").is_duplicated()
    once = deliveries.filter(~is_delivered_twice)
    first = (
        deliveries.filter(is_delivered_twice)
        .sort(order, nulls_last=True)
        .unique("event_id", keep="first", maintain_order=True)
    )
    return pl.concat([once, first]).with_columns(
        activity_date=pl.col("occurred_at").dt.date(),
        identity_id=pl.coalesce("u" + pl.col("user_id"), "a" + pl.col("anonymous_id")),
    )


def identity_days(events):
    """Events per identity, event name and day."""
    return events.group_by("identity_id", "event_name", "activity_date").agg(
        event_count=pl.len().cast(pl.Int64), revenue=pl.col("revenue").sum()
    )


def known_identities(days, users):
    """Identities, each with the first day on which it was known."""
    profiles = users.select(
        identity_id="u" + pl.col("user_id"),
        first_date=pl.col("updated_at").dt.date(),
    )
    seen = days.select("identity_id", first_date="activity_date")
    known = pl.concat([profiles, seen]).group_by("identity_id")
    return known.agg(pl.col("first_date").min())


def link_days(events):
    """Per anonymous id and day with a login, the user seen last."""
    linking = events.filter(
        pl.col("anonymous_id").is_not_null() & pl.col("user_id").is_not_null()
    )
    return (
        linking.sort("occurred_at", "event_id")
        .group_by("anonymous_id", "activity_date", maintain_order=True)
        .agg(pl.col("user_id").last())
        .sort("activity_date")
    )


def identities_on(day, known, links):
    """Whom each identity that is known on a date belongs to."""
    last = (
        links.filter(pl.col("activity_date") <= day)
        .group_by("anonymous_id", maintain_order=True)
        .agg(pl.col("user_id").last())
        .select(identity_id="a" + pl.col("anonymous_id"), linked_user_id="user_id")
    )
    return (
        known.filter(pl.col("first_date") <= day)
        .join(last, on="identity_id", how="left")
        .select(
            "identity_id",
            user_id=pl.coalesce("linked_user_id", pl.col("identity_id").str.slice(1)),
        )
    )


def memberships_on(day, days, identities, asked):
    """Rows of memberships of a date: as_of_date, user_id, segmentation, segment."""
    user_days = (
        days.lazy()
        .filter(pl.col("activity_date") <= day)
        .join(identities.lazy(), on="identity_id")
        .group_by("user_id", "event_name", "activity_date")
        .agg(pl.col("event_count").sum(), pl.col("revenue").sum())
        .with_columns(
            day_count=pl.lit(1, pl.Int64),
            days_ago=(pl.lit(day) - pl.col("activity_date")).dt.total_days(),
        )
        .collect()
    )
    population = identities.select("user_id").unique()
    matches = []
    for event in dict.fromkeys(segment.question.event for segment in asked):
        of_event = [row for row in asked if row.question.event == event]
        answers = (
            user_days.filter(pl.col("event_name") == event)
            .group_by("user_id")
            .agg(
                **{
                    question.column: answer(question)
                    for question in segments.questions(of_event)
                }
            )
        )
        everyone = population.join(answers, on="user_id", how="left").fill_null(0)
        for segment in of_event:
            rows = everyone.filter(predicate(segment)).select("user_id")
            matches.append(rows.with_columns(segment=pl.lit(segment.name)))
    return pl.concat(matches).select(
        pl.lit(day).alias("as_of_date"),
        "user_id",
        pl.lit(segments.SEGMENTATION).alias("segmentation"),
        "segment",
    )


def answer(question):
    """A question about the days of one user and event, missing sums being zero."""
    column = {"count": "event_count", "days": "day_count", "sum": "revenue"}
    value = pl.col(column[question.measure])
    if question.within_days is not None:
        value = value.filter(pl.col("days_ago") < question.within_days)
    return value.sum()


def predicate(segment):
    """Whether a user with answers is in the segment."""
    holds = pl.col(segment.question.column) >= segment.at_least
    if segment.kind == "performed":
        return holds
    if segment.kind == "not_performed":
        return ~holds
    return (pl.col(segment.ever.column) >= 1) & ~holds


if __name__ == "__main__":
    main(sys.argv[1])
