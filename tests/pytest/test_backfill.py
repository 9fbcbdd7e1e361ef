"""scripts/backfill and what it makes of dates that were closed, pruned or never there.

One warehouse goes through it all, step by step, with a copy of its tables after each;
what is computed again must be what a build from nothing makes of the same raw data.
"""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from types import SimpleNamespace

import duckdb
import pytest
from histories import History, buying, doing, event, sundays, world
from warehouse_states import FOLLOWING, States, listed

from project import (
    backfill,
    build,
    command_backfill,
    command_run,
    console,
    data_sets,
    environment,
)

from project.console import Problem

pytest_plugins = "dbt_project"

WEEK = timedelta(days=7)
FIRST, D = date(2026, 1, 2), date(2026, 4, 15)
MIDDLE = [date(2026, 3, 29), date(2026, 4, 5)]
KEPT = [date(2026, 3, 22), *MIDDLE, date(2026, 4, 12), D]
PRUNED = [date(2026, 3, 15)]
RANGE = date(2026, 3, 1), date(2026, 3, 15)
SHOP = data_sets.DataSet("shop")
FIRST_OLDER = date(2026, 2, 1)
OLDER = sundays(FIRST_OLDER, PRUNED[0] - WEEK)


@pytest.fixture(scope="module")
def in_project(copy_project):
    """A copy of the project in which the scripts work as in their own."""
    project = copy_project(
        "backfill",
        segmentations=["buying", "doing"],
        snapshot_count=4,
        load_date="2026-07-01",
    )
    project.write("models/segments/seg_buying.sql", buying())
    project.write("models/segments/seg_doing.sql", doing())
    project.warehouse = project.folder / "data" / "shop" / "warehouse.duckdb"
    project.raw = project.folder / "data" / "shop" / "raw"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        for module in (backfill, build, command_run, data_sets):
            patch.setattr(module, "ROOT", project.folder)
        patch.setattr(console, "end_at_once_when_interrupted", lambda: None)
        patch.setattr(environment, "enter", lambda extras: None)
        yield project.parse()


class Scripts:
    """Runs scripts/backfill, and can make a build of it stop halfway."""

    def __init__(self, after_build):
        self.run = build.run
        self.after_build = after_build
        self.ranges = []
        """The dates from and to of its builds."""

    def backfill(self, first, last, *options, killed_in_build=None):
        """Its exit code, or None when it was killed, and what it printed."""
        self.ranges = []

        def run(data_set, target, options, *more, **settings):
            variables = json.loads(options[options.index("--vars") + 1])
            self.ranges.append((variables["backfill_from"], variables["backfill_to"]))
            if killed_in_build:
                # Data tests take long; those of the last build are enough.
                options = [*options, "--exclude-resource-type", "test"]
            if len(self.ranges) == killed_in_build:
                # What a killed build leaves: some tables of it, nothing published.
                some = ["--select", "+segment_membership_log", "+segment_counts"]
                self.run(data_set, target, [*options, *some], *more, **settings)
                raise KeyboardInterrupt
            outcome = self.run(data_set, target, options, *more, **settings)
            self.after_build()
            return outcome

        words = ["--data", "shop", "--from", str(first), "--to", str(last), *options]
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with (
            pytest.MonkeyPatch.context() as patch,
            redirect_stdout(printed),
            redirect_stderr(printed),
        ):
            patch.setattr(build, "run", run)
            try:
                exit_code = command_backfill.main(words)
            except KeyboardInterrupt:
                exit_code = None
        printed.seek(0)
        return exit_code, printed.read()


@pytest.fixture(scope="module")
def course(in_project):
    """The warehouse with a copy of its tables after each step."""
    history = History(in_project)
    scripts = Scripts(after_build=history.note)
    states = States(in_project.manifest)
    course = SimpleNamespace(history=history, states=states, scripts=scripts, stated={})
    course.folder = in_project.folder

    def keep(state):
        history.note()
        history.assert_it_adds_up()
        states.keep(state, in_project.warehouse)
        course.stated[state] = dict(history.stated)

    rows = world(FIRST, D)
    history.deliver("a.csv", [r for r in rows if r["occurred_at"] < "2026-04-06"])
    history.built()
    history.deliver("b.csv", [r for r in rows if r["occurred_at"] >= "2026-04-06"])
    history.built()
    keep("before")

    # Late rows, and a backfill of some dates in the middle of those that are kept.
    moment = f"{D} 13:00:00"
    days = date(2026, 2, 2), date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 3)
    late = [event(day, "purchase", "late", 50, received_at=moment) for day in days]
    history.deliver("late.csv", late)
    history.built(backfill_from=str(MIDDLE[0]), backfill_to=str(MIDDLE[-1]))
    keep("middle")

    # Dates that were pruned or are older than all: the second build stops halfway.
    asked = (FIRST_OLDER, date(2026, 3, 16))
    course.killed = scripts.backfill(*asked, killed_in_build=2)
    course.first_ranges = scripts.ranges
    course.is_unfinished = backfill.request_file(SHOP).exists()
    course.other = scripts.backfill(date(2026, 3, 1), date(2026, 3, 2))
    course.finished = scripts.backfill(*asked)
    course.last_ranges = scripts.ranges
    keep("older")

    history.built()
    keep("after")

    in_project.write("models/segments/seg_buying.sql", buying(days=21))
    changed = in_project.afresh().parse()
    history.built(project=changed, backfill_from=str(D - WEEK), backfill_to=str(D))
    keep("restated")

    fresh = in_project.on(in_project.folder / "fresh")
    fresh.warehouse.parent.mkdir()
    fresh.raw = in_project.raw
    for words in (["seed"], ["run", "--no-write-json", "--vars", "snapshot_count: 30"]):
        assert (answer := fresh.dbt(*words)).succeeded, answer.error
    states.keep("fresh", fresh.warehouse)
    yield course
    states.connection.close()


def differences_from_fresh(course, state, dates):
    """Where dated tables differ from a build from nothing on these dates."""
    found = []
    for table in course.states.published_tables(state):
        if table in FOLLOWING:
            continue
        of_dates = f"where cast(as_of_date as varchar) in {listed(dates)}"
        one, other = (
            f"{course.states.selection(name, table)} {of_dates}"
            for name in (state, "fresh")
        )
        found += course.states.differences(table, one, other, (state, "fresh"))
    return found


def test_dates_in_the_middle_are_those_of_a_build_from_nothing(course):
    assert differences_from_fresh(course, "before", MIDDLE), "nothing was late"
    assert not differences_from_fresh(course, "middle", MIDDLE)


def test_other_closed_dates_stay_as_they_were(course):
    others = {key for key in course.stated["before"] if key[1] not in (*MIDDLE, D)}
    assert others
    for key in others:
        assert course.stated["middle"][key] == course.stated["before"][key], key


def test_late_rows_are_the_cause_of_what_changed(course):
    found = course.states.query("from middle.membership_restatements")
    assert {row["cause"] for row in found} == {"late data"}
    assert {row["as_of_date"] for row in found} == set(MIDDLE)
    assert {row["user_id"] for row in found} == {"late"}


@pytest.mark.parametrize("table", ["segment_counts", "segment_overlap"])
@pytest.mark.parametrize("state", ["older", "after"])
def test_counts_of_older_dates_are_those_of_a_build_from_nothing(course, state, table):
    of_dates = f"where cast(as_of_date as varchar) in {listed(OLDER + PRUNED)}"
    one, other = (
        f"{course.states.selection(name, table)} {of_dates}"
        for name in (state, "fresh")
    )
    assert not course.states.differences(table, one, other, (state, "fresh"))


@pytest.mark.parametrize("state", ["older", "after"])
def test_users_of_older_dates_are_those_of_a_build_from_nothing(course, state):
    fresh = course.states.members("fresh")
    changes = course.states.members_of_changes(state)
    for day in OLDER + PRUNED:
        assert changes[day] == fresh[day], day


def test_drift_since_the_date_before_does_not_hang_on_the_builds(course):
    """Its measures do not. Its noise does: users of the date before may be gone."""
    since = "comparison = 'previous' and cast(as_of_date as varchar) in"
    one, other = (
        "select as_of_date, segmentation, compared_as_of_date,"
        " jensen_shannon_divergence, membership_stability_share"
        f" from {name}.segment_drift"
        f" where {since} {listed([*OLDER[1:], *PRUNED])}"
        for name in ("older", "fresh")
    )
    assert not course.states.differences("", one, other, ("older", "fresh"))


def test_dates_that_were_pruned_are_restated_too(course):
    assert set(PRUNED).isdisjoint(course.states.dates("before"))
    found = course.states.query(
        "from older.membership_restatements where build_number > 3"
    )
    assert {row["as_of_date"] for row in found} == set(PRUNED)
    assert {row["cause"] for row in found} == {"late data"}


def test_a_killed_backfill_goes_on_where_it_stopped(course):
    assert course.killed[0] is None
    assert course.is_unfinished
    exit_code, printed = course.finished
    assert exit_code == console.OK
    assert "4 of them are done already" in printed
    assert course.last_ranges == course.first_ranges[1:]
    assert not backfill.request_file(SHOP).exists()


def test_another_range_is_refused_while_one_is_unfinished(course):
    exit_code, printed = course.other
    assert exit_code == console.WRONG_USE
    assert "  --from 2026-02-01 --to 2026-03-16\n" in printed
    assert "--restart" in printed


def test_the_end_tells_what_the_backfill_changed(course):
    printed = course.finished[1]
    assert "7 of 7: 2026-03-01 to 2026-03-15 ... " in printed
    lines = [line.split() for line in printed.splitlines()]
    found = course.states.query(
        "select segmentation, cause, count(distinct as_of_date) as dates,"
        " count(distinct user_id) as users, count(*) as all_rows"
        " from older.membership_restatements where build_number > 3"
        " group by all order by all"
    )
    assert found
    for row in found:
        assert " ".join(map(str, row.values())).split() in lines


def test_the_next_build_prunes_and_leaves_the_log_whole(course):
    assert set(KEPT) | {PRUNED[-1]} <= course.states.dates("older")
    assert course.states.dates("after") == set(KEPT)
    for table in ("segment_memberships", "user_facts"):
        days = course.states.query(f"select distinct as_of_date from after.{table}")
        assert {row["as_of_date"] for row in days} == set(KEPT), table
    logs = (f"from {state}.segment_membership_log" for state in ("after", "older"))
    assert not course.states.differences("log", *logs, ("after", "older"))


def test_the_first_date_is_the_oldest_one(course):
    firsts = course.states.query(
        "select distinct as_of_date from after.segment_membership_changes"
        " where is_first_date"
    )
    assert [row["as_of_date"] for row in firsts] == [FIRST_OLDER]


def test_older_dates_are_marked_as_computed_afterwards(course):
    found = course.states.query(
        "select distinct as_of_date, is_computed_afterwards"
        " from after.published_snapshots order by all"
    )
    marked = {row["as_of_date"]: row["is_computed_afterwards"] for row in found}
    # 5 April was the current date of the first build; the others had closed before.
    was_open = {date(2026, 4, 5), D}
    assert marked == {day: day not in was_open for day in [*OLDER, *PRUNED, *KEPT]}


def test_a_changed_rule_restates_the_dates_that_are_asked_for_alone(course):
    before, after = course.stated["after"], course.stated["restated"]
    moved = {key for key in after if after[key] != before[key]}
    closed = D - timedelta(days=3)
    # Late rows came after that date had closed, too.
    assert moved == {("buying", D), ("buying", closed), ("doing", closed)}
    found = course.states.query(
        "select distinct segmentation, cause, as_of_date"
        " from restated.membership_restatements where build_number ="
        " (select max(build_number) from restated.published_snapshots)"
    )
    assert {tuple(row.values()) for row in found} == {
        ("buying", "changed rule", closed),
        ("doing", "late data", closed),
    }


# What is refused


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-03-02", "2026-03-01", "ends before it begins"),
        ("2026-01-01", "2026-03-01", "before the first event. There are events from 20"),
        ("2026-03-01", "2026-04-16", "after the current date. There are events from 2"),
        ("2026-03-02", "2026-03-07", "no snapshot date from 2026-03-02 to 2026-03-07"),
    ],
)
def test_a_range_that_can_not_be_meant_is_refused(course, first, last, expected):
    exit_code, printed = course.scripts.backfill(first, last)
    assert exit_code == console.WRONG_USE
    assert expected in printed
    assert not course.scripts.ranges


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "March"), "'March' is no date, YYYY-MM-DD"),
        (("--dates-per-build", "0"), "'0' is no whole number from 1"),
    ],
)
def test_options_that_are_no_dates_or_numbers_are_refused(capsys, words, expected):
    with pytest.raises(SystemExit) as end:
        command_backfill.parse(words)
    assert end.value.code == console.WRONG_USE
    assert expected in capsys.readouterr().err


def test_a_warehouse_that_was_never_built_is_told(course, tmp_path):
    (course.folder / "data" / "new" / "raw" / "events").mkdir(parents=True)
    missing = course.scripts.backfill(*RANGE, "--data", "new")
    duckdb.connect(str(course.folder / "data" / "new" / "warehouse.duckdb")).close()
    empty = course.scripts.backfill(*RANGE, "--data", "new")
    for exit_code, printed in (missing, empty):
        assert exit_code == console.WRONG_USE
        assert "data/new has not been built yet: scripts/run --data new" in printed


def test_a_warehouse_that_is_open_elsewhere_is_told(course):
    warehouse = str(course.folder / SHOP.warehouse)
    program = (
        f"import duckdb; opened = duckdb.connect({warehouse!r})\n"
        "print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        exit_code, printed = course.scripts.backfill(*RANGE)
        other.communicate(b"\n")
    assert exit_code == console.WRONG_USE
    assert "is open in another program" in printed


def request_of(first_build_number, last="2026-03-15", **variables):
    return backfill.Request("2026-02-01", last, variables, first_build_number)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setattr(backfill, "ROOT", tmp_path)
    (tmp_path / SHOP.folder).mkdir(parents=True)
    return SHOP


def test_a_backfill_goes_on_with_the_build_that_it_began_with(shop):
    backfill.begin(request_of(5), shop, is_anew=False)
    assert backfill.begin(request_of(7), shop, is_anew=False) == request_of(5)
    assert backfill.begin(request_of(7), shop, is_anew=True) == request_of(7)


def test_other_variables_are_another_backfill(shop):
    backfill.begin(request_of(5), shop, is_anew=False)
    with pytest.raises(Problem, match="is not finished"):
        backfill.begin(request_of(7, restate_days=3), shop, is_anew=False)


def test_an_unfinished_backfill_of_a_warehouse_that_is_gone_is_begun_anew(shop):
    backfill.begin(request_of(5), shop, is_anew=False)
    assert backfill.begin(request_of(2), shop, is_anew=False) == request_of(2)


def test_half_a_file_of_an_unfinished_backfill_asks_for_a_restart(shop):
    backfill.request_file(shop).write_text('{"first_day":')
    with pytest.raises(Problem, match="--restart"):
        backfill.begin(request_of(5), shop, is_anew=False)


def test_builds_end_where_dates_are_done_already():
    days = OLDER + PRUNED
    assert backfill.next_dates(days, set(), 4) == days[:4]
    assert backfill.next_dates(days, {days[0], days[3]}, 4) == days[1:3]
    assert backfill.next_dates(days, set(days), 4) == []


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        ("day", ["2024-02-25", "2024-02-26", "2024-02-27", "2024-02-28", "2024-02-29"]),
        ("week", ["2024-02-25"]),
        ("month", ["2024-02-29"]),
    ],
)
def test_the_calendar_is_that_of_the_snapshot_dates(cadence, expected):
    days = backfill.calendar_dates(date(2024, 2, 25), date(2024, 2, 29), cadence)
    assert list(map(str, days)) == expected
