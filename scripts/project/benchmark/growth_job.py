"""What curves of growth ask of data, in a process of its own: see `growth.py`."""

import json
import sys
from pathlib import Path

import duckdb

from project.benchmark import floor, jobs, segments
from project.benchmark.comparing import Rows


def thresholds(job):
    """Of each question the threshold that about a share of the users reach.

    On the only date of the job; the share is that of the job.
    """
    asked = [segments.Segment.from_json(row) for row in job["segments"]]
    found = {}
    with jobs.connect(job) as connection:
        for statement in floor.inputs(job, asked):
            connection.execute(statement)
        for event, of_event in floor.by_event(asked):
            connection.execute(floor.answers(event, of_event))
            for question in segments.questions(of_event):
                found[question.column] = threshold(
                    connection, question.column, job["share"]
                )
    return found


def threshold(connection, column, share):
    """The value that comes nearest to so large a share of users with it or more."""
    [(value,)] = connection.execute(
        f"""
        with

        population as (
            select count(distinct user_number) as user_count
            from identities
            inner join users using (user_id)
        ),

        counted as (
            select
                {column} as value,
                sum(count(*)) over (order by {column} desc) as user_count
            from answers
            where {column} > 0
            group by {column}
        )

        select coalesce(
            arg_min(
                value, abs(counted.user_count - $share * population.user_count)
            ), 1
        )
        from counted
        cross join population
        """,
        {"share": share},
    ).fetchall()
    return int(value)


def count(job):
    """The rows of memberships of a warehouse."""
    with duckdb.connect() as connection:
        relation = Rows("", job["file"], job["relation"]).attach(connection)
        return connection.execute(f"select count(*) from {relation}").fetchone()[0]


if __name__ == "__main__":
    job = jobs.read(sys.argv[1])
    work = {"thresholds": thresholds, "count": count}[job["work"]]
    Path(job["answer"]).write_text(json.dumps(work(job)))
