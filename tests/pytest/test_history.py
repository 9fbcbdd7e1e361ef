"""What builds add, keep and leave alone from day to day, and what stops them.

The course of one warehouse: days pass, definitions change, segmentations come and go,
files vanish. After each build the log, changes, intervals and counts of every date that
was ever published must add up to what was said of it (`History.assert_it_adds_up`).
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import duckdb
import pytest
from histories import History, buying, doing, event, extra, sundays, world

pytest_plugins = "dbt_project"

FIRST = date(2026, 1, 2)
SUNDAY = date(2026, 3, 15)
MONDAY, TUESDAY, WEDNESDAY = (SUNDAY + timedelta(days=n) for n in (1, 2, 3))
NEXT_SUNDAY = SUNDAY + timedelta(days=7)
UNDATED = {
    "int_identity_link_days",
    "int_user_profiles",
    "segment_definitions",
    "sessions",
    "int_sessions",
}
"""Tables without days of their own."""
WITHOUT_ROWS_OF_THEIR_OWN = {"int_as_of_dates"}
"""Tables that each build writes: a short list of dates."""


def copied(copy_project, name, segmentations):
    project = copy_project(
        name,
        segmentations=segmentations,
        snapshot_count=4,
        load_date="2026-07-01",
    )
    project.write("models/segments/seg_buying.sql", buying())
    project.write("models/segments/seg_doing.sql", doing())
    project.write("models/segments/seg_extra.sql", extra())
    return project


@pytest.fixture(scope="module")
def with_two(copy_project):
    return copied(copy_project, "two", ["buying", "doing"]).parse()


@pytest.fixture(scope="module")
def with_three(copy_project):
    return copied(copy_project, "three", ["buying", "doing", "extra"]).parse()


class Course:
    """Builds, and what was there after each of them."""

    def __init__(self, history):
        self.history = history
        self.after = {}

    def build(self, state, *options, **settings):
        self.history.built(*options, **settings)
        self.history.assert_it_adds_up()
        self.keep(state)

    def keep(self, state):
        history = self.history
        self.after[state] = SimpleNamespace(
            stated=dict(history.stated),
            dates=history.query(
                "select as_of_date, is_current, is_provisional"
                " from intermediate.int_as_of_dates order by all"
            ),
            rows=history.rows_by_table(),
            log=set(history.query("from memberships.segment_membership_log")),
            restatements=history.query("from memberships.membership_restatements"),
            changes=history.query("from memberships.segment_membership_changes"),
            intervals=history.query("from memberships.segment_membership_intervals"),
            afterwards=history.published("is_computed_afterwards"),
            builds=history.published("build_number"),
            definitions=history.query(
                "select segmentation, segment, segment_key, definition_version,"
                " is_current from memberships.segment_definitions order by all"
            ),
        )


@pytest.fixture(scope="module")
def course(with_two, with_three, tmp_path_factory):
    """All builds, one after another."""
    history = History(with_two.on(tmp_path_factory.mktemp("history")))
    course = Course(history)
    rows = world(FIRST, date(2026, 3, 29))

    def deliver(first, last, *more):
        days = [r for r in rows if str(first) <= r["occurred_at"][:10] <= str(last)]
        history.deliver(f"{last}.csv", [*days, *more])

    deliver(FIRST, MONDAY)
    course.build("monday")
    far = date(2099, 1, 1)
    future = [event(far, "purchase", "u1"), event(far, "login", "u2", received_at=None)]
    deliver(TUESDAY, TUESDAY, *future)
    course.build("tuesday")
    deliver(WEDNESDAY, WEDNESDAY)
    course.build("wednesday")
    course.build("nothing new")

    # A segmentation is added, switched off while a date closes, and on again.
    course.build("added", project=with_three)
    deliver(WEDNESDAY + timedelta(days=1), NEXT_SUNDAY)
    course.build("open sunday", project=with_three)
    deliver(NEXT_SUNDAY + timedelta(days=1), NEXT_SUNDAY + timedelta(days=1))
    course.build("switched off")
    deliver(NEXT_SUNDAY + timedelta(days=2), NEXT_SUNDAY + timedelta(days=2))
    course.build("still off")
    course.build("on again", project=with_three)

    # Segments have other names, and some another rule: that of extra is one day old.
    with_three.write("models/segments/seg_buying.sql", buying("others", "regular"))
    with_three.write("models/segments/seg_doing.sql", doing("guest", 40))
    with_three.write("models/segments/seg_extra.sql", extra(days=3))
    course.last_project = with_three.afresh().parse()
    course.build("changed", project=course.last_project)
    return course


def test_closed_dates_hang_on_the_calendar_and_not_on_the_last_event(course):
    closed = [
        [row[0] for row in course.after[state].dates if not row[2]]
        for state in ("monday", "tuesday", "wednesday")
    ]
    assert closed == [sundays(SUNDAY - timedelta(days=21), SUNDAY)] * 3
    for name in ("buying", "doing"):
        said = [
            {d: who for (n, d), who in course.after[state].stated.items() if n == name}
            for state in ("monday", "wednesday")
        ]
        assert all(said[1][day] == said[0][day] for day in closed[0])


@pytest.mark.parametrize(
    ("state", "day"),
    [("monday", MONDAY), ("tuesday", TUESDAY), ("wednesday", WEDNESDAY)],
)
def test_the_current_date_is_the_last_day_and_no_event_of_2099_moves_it(
    course, state, day
):
    dates = course.after[state].dates
    assert [row[0] for row in dates if row[1]] == [day]
    assert dates[-1] == (day, True, True)


def differing(course, before, after):
    """The days of the physical rows that two states do not share, by table."""
    found = {}
    for table, rows in course.after[after].rows.items():
        changed = rows ^ course.after[before].rows.get(table, set())
        if changed and table not in WITHOUT_ROWS_OF_THEIR_OWN:
            found[table] = {row[2] for row in changed}
    return found


def test_nothing_new_writes_no_row(course):
    assert not differing(course, "wednesday", "nothing new")


def test_a_day_that_is_loaded_touches_no_other_day(course):
    found = differing(course, "tuesday", "wednesday")
    by_day = {
        "int_category_days",
        "int_event_days",
        "int_habit_days",
        "int_identity_days",
    }
    assert found.keys() >= {"int_event_days", "user_facts", "seg_buying"}
    for table, days in found.items():
        if None in days:
            assert table in UNDATED, table
        elif table in by_day or "deliveries" in table:
            assert days == {WEDNESDAY}, table
        else:
            # The current date of the day before goes, as it is on no calendar.
            assert days <= {TUESDAY, WEDNESDAY}, table


def test_a_segmentation_that_is_added_fills_the_dates_that_are_kept(course):
    added, before = course.after["added"], course.after["nothing new"]
    kept = {row[0] for row in before.dates}
    assert {day for name, day in added.stated if name == "extra"} == kept
    marked = {d: mark for (n, d), mark in added.afterwards.items() if n == "extra"}
    assert marked == {day: day != WEDNESDAY for day in kept}
    for name in ("buying", "doing"):
        for day in kept - {WEDNESDAY}:
            assert added.builds[name, day] == before.builds[name, day]
    firsts = {(r[2], r[0]) for r in added.changes if r[2] == "extra" and r[6]}
    assert firsts == {("extra", min(kept))}


def test_an_added_segmentation_leaves_the_rows_of_others_alone(course):
    found = differing(course, "nothing new", "added")
    for table in ("seg_buying", "seg_doing", "user_facts", "int_event_days"):
        assert found.get(table, set()) <= {WEDNESDAY}, table


def test_a_segmentation_that_is_off_leaves_its_closed_dates_as_they_are(course):
    on, off = course.after["open sunday"], course.after["still off"]
    assert ("extra", NEXT_SUNDAY) in on.builds
    # It was open when the segmentation was switched off, so nothing closed it.
    assert {key for key in on.builds if key[0] == "extra"} - off.builds.keys() == {
        ("extra", NEXT_SUNDAY)
    }
    entries = [{row for row in one.log if row[2] == "extra"} for one in (on, off)]
    assert entries[0] == entries[1]


def test_a_segmentation_that_is_off_holds_no_date_of_others_open(course):
    off, later = course.after["switched off"], course.after["still off"]
    key = ("buying", NEXT_SUNDAY)
    assert off.builds[key] == later.builds[key]
    assert not later.restatements


def test_a_segmentation_that_is_on_again_goes_on_where_it_was(course):
    off, again = course.after["still off"], course.after["on again"]
    assert ("extra", NEXT_SUNDAY) in again.builds
    assert {key for _, _, key, *_ in again.definitions} == {
        key for _, _, key, *_ in course.after["added"].definitions
    }
    for key, build in off.builds.items():
        if key[1] < NEXT_SUNDAY:
            assert again.builds[key] == build, key


def test_a_renamed_segment_is_nobody_leaving(course):
    again, changed = course.after["on again"], course.after["changed"]
    other_rules = ("spender", "recent")
    moves = [
        [(r[0], r[1], r[2], r[4], r[5]) for r in one.changes if r[4] not in other_rules]
        for one in (again, changed)
    ]
    assert sorted(moves[0]) == sorted(moves[1])
    names = {(row[1], row[2], row[4]) for row in changed.definitions}
    assert {("regular", "often", True), ("others", "rest", True)} <= names
    assert ("guest", "visitor", True) in names
    stretches = [
        {
            (r[0], r[1], r[3], r[5], r[6]): r[2]
            for r in one.intervals
            if r[3] not in other_rules
        }
        for one in (again, changed)
    ]
    assert stretches[0].keys() == stretches[1].keys()
    renamed = {"often": "regular", "rest": "others", "visitor": "guest"}
    for key, name in stretches[0].items():
        assert stretches[1][key] == renamed.get(name, name), key


def test_a_changed_rule_touches_open_dates_and_makes_a_version(course):
    again, changed = course.after["on again"], course.after["changed"]
    current = again.dates[-1][0]
    moved = {k for k in changed.stated if changed.stated[k] != again.stated[k]}
    assert moved == {("doing", current), ("extra", current)}
    assert not changed.restatements
    versions = {(r[1], r[3]): r[4] for r in changed.definitions if r[0] == "doing"}
    assert versions["spender", 1] is False
    assert versions["spender", 2] is True
    assert ("ever", 2) not in versions


# What is there after a full refresh, and when files are gone


@pytest.fixture(scope="module")
def end(course):
    """The course after its last build, with a full refresh of it."""
    changed = course.last_project
    course.build("refreshed", "--full-refresh", project=changed)
    return course


def test_a_full_refresh_loses_no_entry_of_the_log(end):
    before, after = end.after["changed"], end.after["refreshed"]
    assert before.log <= after.log
    oldest = min(day for _, day in before.builds)
    assert oldest < min(row[0] for row in after.dates)
    assert oldest in {day for _, day in after.builds}
    for key in before.builds:
        if key[1] < min(row[0] for row in after.dates):
            assert after.stated[key] == before.stated[key]
    causes = {(row[2], row[5]) for row in after.restatements}
    assert causes == {("doing", "changed rule"), ("extra", "changed rule")}


def test_a_file_that_is_gone_is_an_error_that_names_it(end):
    gone = end.history.project.raw / "events" / f"{TUESDAY}.csv"
    text = gone.read_bytes()
    gone.unlink()
    before = end.history.rows_by_table()
    try:
        stopped = end.history.build(project=end.last_project)
        refreshed = end.history.build(
            "--full-refresh", project=end.last_project, missing_files="keep"
        )
        assert end.history.rows_by_table() == before
        for answer in (stopped, refreshed):
            assert not answer.succeeded
            assert f"are gone from {end.history.project.raw}: events/{TUESDAY}.csv" in (
                " ".join(answer.error.split())
            )
        assert "missing_files: keep" in " ".join(stopped.error.split())
        assert "can't keep rows" in " ".join(refreshed.error.split())

        kept = end.history.built(project=end.last_project, missing_files="keep")
        assert kept.succeeded
        assert activity(end) > 0
        end.build("forgotten", project=end.last_project, missing_files="forget")
        assert activity(end) == 0
        closed = [key for key, build in end.after["refreshed"].builds.items()
                  if end.after["forgotten"].builds.get(key) == build]
        assert closed
    finally:
        gone.write_bytes(text)


def activity(course):
    return course.history.value(
        "select count(*) from intermediate.int_event_days"
        f" where activity_date = '{TUESDAY}'"
    )


def test_another_time_zone_asks_for_a_full_refresh(end):
    answer = end.history.build(project=end.last_project, time_zone="Asia/Tokyo")
    assert not answer.succeeded
    assert "variable time_zone" in " ".join(answer.error.split())
    assert "--full-refresh" in " ".join(answer.error.split())


@pytest.mark.parametrize("table", ["stg_event_deliveries", "stg_user_deliveries"])
def test_a_warehouse_of_an_earlier_version_is_told_apart(with_two, tmp_path, table):
    project = with_two.on(tmp_path)
    (project.raw / "events").mkdir(parents=True)
    History(project).deliver("a.csv", world(FIRST, FIRST))
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema staging")
        connection.execute(f"create table staging.{table} as select 1 as event_id")
    answer = project.dbt("run", "--no-write-json")
    assert not answer.succeeded
    told = " ".join(answer.error.split())
    assert "built by an earlier version of the project" in told
    assert "Delete the warehouse, or drop the schemas" in told
    assert project.tables() == [table]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"missing_files": "ignore"}, "missing_files .* 'error', 'keep' or 'forget'"),
        ({"backfill_from": "2026-01-04"}, "backfill_to .* the other end"),
        ({"backfill_to": "2026-01-04"}, "backfill_from .* the other end"),
        (
            {"backfill_from": "2026-01-04", "backfill_to": "4.1.26"},
            "backfill_to .* YYYY-MM-DD",
        ),
        (
            {"backfill_from": "2026-01-11", "backfill_to": "2026-01-04"},
            "backfill_from .* not after backfill_to, 2026-01-04",
        ),
    ],
)
def test_variables_of_the_history_are_checked(with_two, tmp_path, variables, expected):
    answer = with_two.on(tmp_path).dbt("run", "--vars", repr(variables))
    assert not answer.succeeded
    assert re.search(expected, " ".join(answer.error.split()))
