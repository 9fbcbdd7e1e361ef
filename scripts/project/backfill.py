"""A backfill: a range of snapshot dates, computed again in builds of some dates each.

What is done is told by the warehouse alone: the dates that a build of this backfill, or
a later one, has published. A small file beside it tells which backfill that is, from
its beginning to its end.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import dropwhile, takewhile

import duckdb

from project import build, hints
from project.console import OK, Problem, count, counted, heading, say, step, table
from project.paths import ROOT

TARGET = "prod"


def run(data_set, options, given, variables):
    """Do what the options ask for, or what is left of it; return an exit code.

    Given are variables that differ from those of the project; `variables` are all.
    """
    history = History(data_set, variables["segmentations"])
    first_event, current, build_count = history.bounds()
    if variables["as_of_date"]:
        current = date.fromisoformat(str(variables["as_of_date"]))
    first, last = options.first_day, options.last_day
    check_range(first, last, first_event, current)
    dates = calendar_dates(first, last, variables["snapshot_cadence"])
    if not dates:
        words = CALENDARS[variables["snapshot_cadence"]][0]
        raise Problem(
            f"There is no snapshot date from {first} to {last}: the calendar has "
            f"{words} (variable snapshot_cadence)."
        )
    given = json.loads(json.dumps(given, default=str))
    asked = Request(str(first), str(last), given, build_count + 1)
    request = begin(asked, data_set, options.restart)
    say(
        f"Backfill of {data_set.folder}: {counted(len(dates), 'snapshot date')} from "
        f"{dates[0]} to {dates[-1]}"
    )
    exit_code = compute(request, dates, options.dates_per_build, data_set, history)
    if exit_code == OK:
        show_restatements(history.restatements(request.first_build_number, dates))
        say("\nReaders of the published file see it after the next scripts/run.")
        request_file(data_set).unlink()
    else:
        say("\nThe same command again goes on where this one stopped.")
    return exit_code


def check_range(first, last, first_event, current):
    """Refuse a range that can not be meant."""
    if first > last:
        raise Problem(f"The range ends before it begins: --from {first} --to {last}.")
    known = f"There are events from {first_event}, and the current date is {current}."
    if first < first_event:
        raise Problem(f"--from {first} is before the first event. {known}")
    if last > current:
        raise Problem(f"--to {last} is after the current date. {known}")


CALENDARS = {
    "day": ("each day", lambda day: True),
    "week": ("each Sunday", lambda day: day.isoweekday() == 7),
    "month": (
        "the last day of each month",
        lambda day: (day + timedelta(days=1)).day == 1,
    ),
}
"""What a cadence means in words, and whether a day is one of its snapshot dates."""


def calendar_dates(first, last, cadence):
    """The snapshot dates of a range; as in the model int_as_of_dates."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if CALENDARS[cadence][1](day)]


# What is asked for


@dataclass(frozen=True)
class Request:
    first_day: str
    last_day: str
    variables: dict
    first_build_number: int
    """The builds of this backfill have this number and later ones."""

    @property
    def words(self):
        variables = f" --vars '{json.dumps(self.variables)}'" if self.variables else ""
        return f"--from {self.first_day} --to {self.last_day}{variables}"


def request_file(data_set):
    return ROOT / data_set.folder / "backfill.json"


def begin(asked, data_set, is_anew):
    """The request to go on with: an unfinished one that is the same, or the new one."""
    file = request_file(data_set)
    unfinished = None if is_anew else read_request(file)
    # Numbers of builds that are still to come are those of a warehouse that is gone.
    if unfinished and unfinished.first_build_number <= asked.first_build_number:
        if unfinished.words != asked.words:
            raise Problem(
                f"Another backfill of {data_set.folder} is not finished:\n"
                f"  {unfinished.words}\nRun it again to go on with it, or give it up "
                "with --restart; what it has computed stays."
            )
        return unfinished
    # Renamed into its place, so that half a file is never read.
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(asked), indent=2))
    draft.replace(file)
    return asked


def read_request(file):
    try:
        return Request(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise Problem(
            f"{file.relative_to(ROOT)}, which tells of a backfill that is not "
            "finished, can not be read. Begin anew with --restart."
        ) from None


# What the warehouse knows


class History:
    """What builds have published in a warehouse. It is open only while it is asked."""

    def __init__(self, data_set, segmentations):
        self.data_set = data_set
        self.segmentations = segmentations

    def rows(self, sql, values=()):
        missing = (
            f"{self.data_set.folder} has not been built yet: scripts/run --data "
            f"{self.data_set.name}"
        )
        warehouse = ROOT / self.data_set.warehouse
        if not warehouse.exists():
            raise Problem(missing)
        try:
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                return connection.execute(sql, values).fetchall()
        except duckdb.CatalogException:
            raise Problem(missing) from None
        except duckdb.Error as error:
            hint = hints.find(str(error))
            text = hint.text if hint else str(error)
            raise Problem(f"{self.data_set.warehouse}: {text}") from None

    def bounds(self):
        """The first day with events, the current date and the number of builds."""
        [row] = self.rows(
            """
            select
                (select min(activity_date) from staging.stg_events),
                (select as_of_date from intermediate.int_as_of_dates where is_current),
                (select max(build_number) from publication.published_snapshots)
            """
        )
        if None in row:
            raise Problem(f"{self.data_set.folder} has no finished build with events.")
        return row

    def done(self, first_build_number):
        """The dates of which all segmentations were published since a build."""
        found = self.rows(
            """
            select as_of_date
            from publication.published_snapshots
            where build_number >= ? and list_contains(?, segmentation)
            group by as_of_date
            having count(*) = ?
            """,
            [first_build_number, self.segmentations, len(self.segmentations)],
        )
        return {day for (day,) in found}

    def restatements(self, first_build_number, dates):
        """How many rows of closed dates were changed since a build, and why."""
        return self.rows(
            """
            select segmentation, cause, count(distinct as_of_date),
                count(distinct user_id), count(*)
            from memberships.membership_restatements
            where build_number >= ? and list_contains(?, as_of_date)
            group by segmentation, cause
            order by segmentation, cause
            """,
            [first_build_number, dates],
        )


# Builds


def compute(request, dates, dates_per_build, data_set, history):
    """Build what is not done yet, oldest dates first; return an exit code."""
    done = history.done(request.first_build_number)
    if not done.isdisjoint(dates):
        say(f"{len(done.intersection(dates))} of them are done already")
    manifest = None
    while chunk := next_dates(dates, done, dates_per_build):
        variables = request.variables | {
            "backfill_from": str(chunk[0]),
            "backfill_to": str(chunk[-1]),
        }
        words = ["--vars", json.dumps(variables)]
        if not manifest:
            # Once for all builds: with other variables dbt parses everything again.
            with step("Reading the project"):
                outcome, manifest = build.parse(data_set, TARGET, words)
        if manifest:
            number = len(done.intersection(dates)) + len(chunk)
            place = f"{number:>5} of {len(dates)}"
            words += ["--exclude-resource-type", "unit_test"]
            with step(f"{place}: {chunk[0]} to {chunk[-1]}"):
                outcome = build.run(data_set, TARGET, words, manifest, is_quiet=True)
        if not outcome.is_success:
            build.report(outcome)
            return outcome.exit_code
        done = history.done(request.first_build_number)
        if not done.issuperset(chunk):
            raise Problem(
                "The build came to its end but has not published these dates: a model "
                "of the project may be switched off."
            )
    return OK


def next_dates(dates, done, number):
    """The first dates that are not done, as many as follow each other."""
    left = dropwhile(done.__contains__, dates)
    return list(takewhile(lambda day: day not in done, left))[:number]


def show_restatements(rows):
    heading("What this changed on dates that were closed")
    if not rows:
        say("Nothing: the memberships are those that were published, or new.")
        return
    cells = [[*row[:2], *map(count, row[2:])] for row in rows]
    for line in table(["segmentation", "cause", "dates", "users", "rows"], cells):
        say(line)
    say("\nRow by row: memberships.membership_restatements")
