"""The floor: memberships in hand-written DuckDB SQL, with no dbt and nothing kept.

It is as fast as its author could make it, so that it tells what the work itself costs:
users and event names are numbers early, each file is read once, and whom an identity
belongs to on which dates is a mask of bits, so that days with events are computed once
for all dates. It writes no facts and no history.

Run as a program it does one job, a JSON file: see `jobs.py`.
"""

import sys

from project.benchmark import jobs, segments


def statements(job):
    """SQL statements that fill the table memberships."""
    asked = [segments.Segment.from_json(row) for row in job["segments"]]
    yield from inputs(job, asked)
    yield """create table memberships (
        as_of_date date, user_id varchar, segmentation varchar, segment varchar
    )"""
    for event, of_event in by_event(asked):
        yield answers(event, of_event)
        yield from _memberships(of_event)


def inputs(job, asked):
    """SQL statements for what all segments are computed from."""
    yield _dates(job["dates"])
    yield _clean_events(job["events"])
    yield from _identities(job["users"])
    yield from _user_days(asked)


def by_event(asked):
    """Pairs of an event and its segments."""
    events = dict.fromkeys(segment.question.event for segment in asked)
    for event in events:
        yield event, [row for row in asked if row.question.event == event]


def _dates(dates):
    values = ", ".join(
        f"({number}, date '{day}')" for number, day in enumerate(sorted(dates))
    )
    return (
        "create temp table dates as "
        f"select * from (values {values}) as dates(date_number, as_of_date)"
    )


def _clean_events(files):
    """Few events are delivered twice: only those are put in order."""
    columns = "event_name, occurred_at, event_id, user_id, anonymous_id, revenue"
    return f"""
        create temp table clean_events as
        with

        deliveries as (
            select {columns}, received_at
            from read_parquet({jobs.literals(files)})
        ),

        delivered_twice as (
            select event_id from deliveries group by event_id having count(*) > 1
        )

        select {columns}, cast(occurred_at as date) as activity_date
        from deliveries
        where event_id not in (select event_id from delivered_twice)
        union all
        select {columns}, cast(occurred_at as date) as activity_date
        from deliveries
        where event_id in (select event_id from delivered_twice)
        qualify row_number() over (
            partition by event_id
            order by
                received_at, occurred_at, event_name, user_id, anonymous_id, revenue
        ) = 1
    """


def _identities(users):
    """Who an identity is: a bit for each date on which it is a certain user."""
    identity = (
        "case when user_id is not null then 'u' || user_id else 'a' || anonymous_id end"
    )
    yield f"""
        create temp table identity_days as
        select
            {identity} as identity_id,
            event_name,
            activity_date,
            count(*) as event_count,
            sum(revenue) as revenue
        from clean_events
        group by all
    """
    yield f"""
        create temp table identities as
        with

        known as (
            select identity_id, min(first_date) as first_date
            from (
                select identity_id, activity_date as first_date from identity_days
                union all
                select 'u' || user_id, cast(updated_at as date)
                from read_parquet({jobs.literals([users])})
            )
            group by identity_id
        ),

        link_days as (
            select
                anonymous_id,
                activity_date,
                arg_max(user_id, row(occurred_at, event_id)) as user_id
            from clean_events
            where anonymous_id is not null and user_id is not null
            group by all
        ),

        links as (
            select
                dates.date_number,
                'a' || link_days.anonymous_id as identity_id,
                arg_max(link_days.user_id, link_days.activity_date) as user_id
            from link_days
            inner join dates on link_days.activity_date <= dates.as_of_date
            group by all
        )

        select
            known.identity_id,
            coalesce(links.user_id, known.identity_id[2:]) as user_id,
            sum(1::bigint << dates.date_number)::bigint as dates_mask
        from known
        inner join dates on known.first_date <= dates.as_of_date
        left join links using (date_number, identity_id)
        group by all
    """
    yield """
        create temp table users as
        select user_id, row_number() over ()::integer as user_number
        from (select distinct user_id from identities)
    """


def _user_days(asked):
    """Days with events of each user, with masks of the dates on which they are theirs.

    Where several identities of a user have events on one day, the day is counted for
    the first of them.
    """
    names = sorted({segment.question.event for segment in asked})
    yield f"create type asked_event as enum {jobs.literals(names, '()')}"
    yield f"""
        create temp table user_days as
        select
            users.user_number,
            days.event_name::asked_event as event_name,
            days.activity_date,
            days.event_count::integer as event_count,
            days.revenue,
            identities.dates_mask,
            identities.dates_mask & ~coalesce(bit_or(identities.dates_mask) over (
                partition by users.user_number, days.event_name, days.activity_date
                order by days.identity_id
                rows between unbounded preceding and 1 preceding
            ), 0) as days_mask
        from identity_days as days
        inner join identities using (identity_id)
        inner join users using (user_id)
        where days.event_name in {jobs.literals(names, "()")}
    """


def answers(event, asked):
    """A table with the answers to the questions of one event's segments."""
    columns = ",\n            ".join(
        f"{_answer(question)} as {question.column}"
        for question in segments.questions(asked)
    )
    return f"""
        create or replace temp table answers as
        select
            date_number,
            user_number,
            {columns}
        from (
            select
                dates.date_number,
                user_days.user_number,
                (dates.as_of_date - user_days.activity_date)::smallint as days_ago,
                user_days.event_count,
                user_days.revenue,
                (user_days.days_mask >> dates.date_number) & 1 as is_new_day
            from user_days
            inner join dates
                on
                    user_days.activity_date <= dates.as_of_date
                    and (user_days.dates_mask >> dates.date_number) & 1 = 1
            where user_days.event_name = '{event}'
        )
        group by all
    """


def _memberships(asked):
    """Insert the memberships of one event's segments."""
    with_event = [row for row in asked if row.kind != "not_performed"]
    without_event = [row for row in asked if row.kind == "not_performed"]
    if with_event:
        yield _insert(with_event, "select * from answers")
    if without_event:
        yield _insert(
            without_event,
            f"""
            select population.*, {
                ", ".join(
                    f"coalesce({question.column}, 0) as {question.column}"
                    for question in segments.questions(without_event)
                )
            }
            from (
                select distinct dates.date_number, users.user_number
                from identities
                inner join users using (user_id)
                inner join dates
                    on (identities.dates_mask >> dates.date_number) & 1 = 1
            ) as population
            left join answers using (date_number, user_number)
            """,
        )


def _answer(question):
    """A question about the events of one user and date, missing sums being zero."""
    value = {"count": "event_count", "days": "is_new_day", "sum": "revenue"}
    within = (
        ""
        if question.within_days is None
        else f" filter (where days_ago < {question.within_days})"
    )
    return f"coalesce(sum({value[question.measure]}){within}, 0)"


def _insert(asked, answers):
    names = ", ".join(
        f"case when {segments.predicate(row)} then '{row.name}' end" for row in asked
    )
    return f"""
        insert into memberships
        select dates.as_of_date, users.user_id, '{segments.SEGMENTATION}', segment
        from (
            select date_number, user_number, unnest([{names}]) as segment
            from ({answers})
        ) as matches
        inner join dates using (date_number)
        inner join users using (user_number)
        where segment is not null
    """


def plain_scan(job):
    """Read all the columns that are needed, and keep nothing."""
    yield f"""
        select
            count(*), sum(length(event_id)), sum(length(event_name)),
            sum(epoch(occurred_at)), sum(epoch(received_at)), sum(length(user_id)),
            sum(length(anonymous_id)), sum(revenue)
        from read_parquet({jobs.literals(job["events"])})
    """


def plain_write(job):
    """Write the rows of memberships of another warehouse once more."""
    yield f"attach '{job['source']}' as source (read_only)"
    yield "create table memberships as select * from source.memberships"


WORKS = {"memberships": statements, "scan": plain_scan, "write": plain_write}


def main(path):
    job = jobs.read(path)
    with jobs.connect(job) as connection:
        for statement in WORKS[job["work"]](job):
            connection.execute(statement).fetchall()


if __name__ == "__main__":
    main(sys.argv[1])
