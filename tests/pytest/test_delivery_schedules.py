"""However raw rows are delivered, the tables are those of a full build of all of them.

Random schedules deliver late, doubled and rewritten rows in batches. After each batch
the project is built on top of what the warehouse holds, and after every second one
from nothing, too: open dates and undated tables must be the same, and closed dates what
they were when they closed. At the end a full refresh restates them, and says what it
changed.

Many schedules share a warehouse, each with ids of its own; a difference names the one
that it comes from. They are the same in every run, so that a failure comes back. Other
ones, at random, or those of a failure again:

    USER_SEGMENTATION_TEST_SCHEDULES=60 .venv/bin/python -m pytest \\
        tests/pytest/test_delivery_schedules.py
    USER_SEGMENTATION_TEST_SCHEDULES=s7,s4711 .venv/bin/python -m pytest \\
        tests/pytest/test_delivery_schedules.py
"""

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import randrange

import pytest
from delivery_schedules import Batch, Schedule, Timeline, deliver
from segmentations import FEW_SEGMENTATIONS
from warehouse_states import Difference, States

pytest_plugins = "dbt_project"

CHOSEN = os.environ.get("USER_SEGMENTATION_TEST_SCHEDULES", "")
SCHEDULES_AT_LEAST = 50

OUTCOME_DAYS = 4
"""Short, so that the days after some dates are over, and late data fall on them."""

FULL_BUILDS = (2, 4)
"""The batches, from 0 on, after which everything is built from nothing, too."""


@dataclass(frozen=True)
class Plan:
    """A warehouse: the variables of its builds, and when batches come."""

    variables: dict
    timeline: Timeline


def plan(time_zone, cadence, first_day, *batches, **variables):
    days = [
        Batch(date.fromisoformat(words[0]), reaches_past="and past it" in words)
        for words in (batch.split(maxsplit=1) for batch in batches)
    ]
    timeline = Timeline(time_zone, date.fromisoformat(first_day), tuple(days))
    common = {
        "time_zone": time_zone,
        "snapshot_cadence": cadence,
        "outcome_days": OUTCOME_DAYS,
    }
    return Plan({**common, **variables}, timeline)


# A batch is D, and whether it reaches past the end of it. D is on the calendar and off
# it, stays where it is, and passes over calendar dates; clocks change; dates stay open
# for restate_days, and leave the calendar of a full build.
PLANS = {
    "weeks": plan(
        *("America/Los_Angeles", "week", "2024-02-05"),
        *("2024-03-06", "2024-03-10", "2024-03-10 and past it"),
        *("2024-03-19 and past it", "2024-03-31 and past it"),
    ),
    "days": plan(
        *("Asia/Kolkata", "day", "2024-02-18"),
        *("2024-03-01", "2024-03-02 and past it", "2024-03-02"),
        *("2024-03-05 and past it", "2024-03-08"),
        snapshot_count=7,
        restate_days=3,
    ),
    "months": plan(
        *("Australia/Lord_Howe", "month", "2023-12-15"),
        *("2024-02-20", "2024-02-29 and past it", "2024-03-31"),
        *("2024-04-07 and past it", "2024-04-20"),
        restate_days=10,
    ),
}

SEGMENTATIONS = {
    "windows": """{{ segmentation(assignment='overlapping', segments=[
    segment('this_week', rule=performed('purchase', within_days=7)),
    segment('weeks_before', rule=performed(
        'purchase', within_days=30, until_days_ago=7)),
    segment('long_ago', rule=performed('*', until_days_ago=14)),
    segment('ever', rule=performed('refund')),
    segment('since', rule=performed('login', since='2024-02-25', until='2024-03-10')),
    segment('spent', rule=performed(
        ['purchase', 'refund'], measure='sum', of='revenue', at_least=20,
        within_days=60)),
    segment('cities', rule=performed('*', measure='distinct', of='city', at_least=2)),
    segment('days', rule=performed('*', measure='days', at_least=4, within_days=14)),
    segment('amount', rule=performed(
        'purchase', where={'amount': ['>', 5], 'city': ['!=', 'Lima']})),
    segment('first', rule=first_performed('purchase', within_days=14)),
    segment('last', rule=last_performed('product_viewed', having={'category': 'hats'})),
    segment('in_order', rule=performed_in_order(
        [step('product_viewed'), step('purchase')], within_days=30, gap_days=3)),
    segment('without', rule=performed_without(
        'product_added_to_cart', 'purchase', gap_days=2, within_days=21)),
    segment('regularly', rule=performed_regularly('*', period_days=7, of_last=2)),
    segment('silent', rule=not_performed('*', within_days=10)),
    segment('tier', rule=trait('tier', '=', 'gold')),
    segment('plan', rule=fact('plan', 'in', ['pro', 'changed'])),
    segment('signed_up', rule=fact('signed_up_at', 'within days', 30)),
    segment('favourite', rule=fact('favourite_category', '=', 'shoes')),
    segment('sql', rule='session_count_30d >= 3 and not is_anonymous'),
    segment('half', rule=random_split(50, 'salt')),
]) }}
""",
    "standing": """{{ segmentation(
    assignment='exclusive',
    population=performed('*', within_days=60),
    otherwise='rest',
    segments=[
        segment('top', rule=top_percent('revenue', 20)),
        segment('idle', rule=bottom_percent('days_since_last_active', 20)),
        segment('new', rule=in_segment('seg_lifecycle', ['new', 'prospect'])),
        segment('steady', rule=in_segment('seg_windows', 'regularly')),
    ]
) }}
""",
}


def seeds():
    """The seeds of the schedules of each warehouse."""
    if CHOSEN.startswith("s"):
        again = [int(name.strip().removeprefix("s")) for name in CHOSEN.split(",")]
        return dict.fromkeys(PLANS, again)
    count = -(-int(CHOSEN or 60) // len(PLANS))
    if CHOSEN:
        return {name: [randrange(10**6) for _ in range(count)] for name in PLANS}
    return {
        name: list(range(number * count, (number + 1) * count))
        for number, name in enumerate(PLANS)
    }


SEEDS = seeds()


@pytest.fixture(scope="session")
def scheduled_project(copy_project):
    """The project with segmentations of all kinds of rules."""
    by_hand = ["churn_risk", "expected_value", "lookalike", "microsegment"]
    names = [*FEW_SEGMENTATIONS, "early_warning", *by_hand, *SEGMENTATIONS]
    project = copy_project("schedules", segmentations=names)
    for name, text in SEGMENTATIONS.items():
        project.write(f"models/segments/seg_{name}.sql", text)
    return project.parse()


@dataclass
class Course:
    """A warehouse with the states of all its tables after each batch."""

    plan: Plan
    project: object
    states: States
    closed: list[set] = field(default_factory=list)
    """The dates that were closed before each build, and in the end."""

    @property
    def batches(self):
        return self.plan.timeline.batches

    @property
    def ever_closed(self):
        return self.closed[-1]

    def stays_open(self, day, number):
        """Whether a date is open after a batch, as the timeline tells it."""
        days_ago = (self.batches[number].day - day).days
        return (
            days_ago == 0
            or not self.is_calendar_date(day)
            or self.plan.timeline.reached(number) <= day
            or days_ago < self.plan.variables.get("restate_days", 0)
        )

    def is_calendar_date(self, day):
        return {
            "day": True,
            "week": day.isoweekday() == 7,
            "month": (day + timedelta(days=1)).day == 1,
        }[self.plan.variables["snapshot_cadence"]]

    def build(self, project, state, *options):
        """Build all tables of a warehouse and keep a copy of them."""
        commands = [["run", *options]]
        if not project.warehouse.exists():
            commands = [["seed"], *commands]
        variables = json.dumps(self.plan.variables)
        for command in commands:
            answer = project.dbt(*command, "--no-write-json", "--vars", variables)
            assert answer.succeeded, answer.error
        self.states.keep(state, project.warehouse)

    def from_nothing(self, state):
        """Build everything once more, in a warehouse of its own."""
        project = self.beside(state)
        self.build(project, state)
        project.warehouse.unlink()

    def beside(self, name):
        """The project with the same raw files and another warehouse."""
        project = self.project.on(self.project.warehouse.parent)
        project.warehouse = project.warehouse.parent / name / "warehouse.duckdb"
        project.warehouse.parent.mkdir()
        return project


@pytest.fixture(scope="module", params=PLANS)
def course(request, scheduled_project, tmp_path_factory):
    """Every batch of the schedules of a warehouse, delivered and built."""
    plan = PLANS[request.param]
    project = scheduled_project.on(tmp_path_factory.mktemp("course"))
    course = Course(plan, project, States(project.manifest), [set()])
    every_files = [plan.timeline.files()]
    every_files += [Schedule(s, plan.timeline).files() for s in SEEDS[request.param]]
    for number in range(len(plan.timeline.batches)):
        for files in every_files:
            deliver(project.raw, files[number])
        course.build(project, f"built_{number}")
        if number in FULL_BUILDS:
            course.from_nothing(f"full_{number}")
        now_closed = {
            day
            for day in course.states.dates(f"built_{number}") - course.ever_closed
            if not course.stays_open(day, number)
        }
        course.states.publish(f"built_{number}", now_closed)
        course.closed.append(course.ever_closed | now_closed)
    yield course
    course.states.connection.close()


@pytest.fixture(scope="module")
def refreshed(course):
    """The course, with the state `refreshed` of a copy after a full refresh."""
    project = course.beside("refreshed_warehouse")
    shutil.copy(course.project.warehouse, project.warehouse)
    course.build(project, "refreshed", "--full-refresh")
    return course


LAST = len(PLANS["weeks"].timeline.batches) - 1

HARD = {
    "events delivered again": (
        "from {}.raw_row_counts"
        " where source_table = 'events' and duplicate_row_count > 0"
    ),
    "events received out of order": (
        "from {}.stg_event_deliveries"
        " where delivery_number = 1 and city like 'again %'"
    ),
    "events rejected": "from {}.rejected_rows where source_table = 'events'",
    "profiles rejected": "from {}.rejected_rows where source_table = 'users'",
    "events without a time of receipt": (
        "from {}.int_events where received_at = occurred_at"
    ),
    "refunds": "from {}.int_events where event_name = 'refund' and revenue < 0",
    "users excluded": "from {}.int_excluded_users",
    "devices that change hands": (
        "select anonymous_id from {}.int_identity_links"
        " group by anonymous_id having count(distinct user_id) > 1"
    ),
    "users with several devices": (
        "select user_id from {}.int_identity_links"
        " group by user_id having count(distinct anonymous_id) > 1"
    ),
    "rows of rewritten files": "from {}.int_events where city = 'Lima'",
}
"""What the rows of all schedules must have, or they prove little."""


def told(course, differences):
    """What differs: how often in each table and schedule, and the first rows."""
    counts = Counter((one.table, one.schedule) for one in differences)
    names = sorted({name for _, name in counts} - {"all"})
    lines = [f"{len(differences)} rows differ; variables {course.plan.variables}"]
    lines += [f"again: USER_SEGMENTATION_TEST_SCHEDULES={','.join(names[:5])}"]
    lines += [f"{table}, {name}: {n}" for (table, name), n in list(counts.items())[:40]]
    lines += [f"{one.table}, {one.where}: {one.row}" for one in differences[:8]]
    return "\n".join(lines)


def assert_none(course, differences):
    if differences:
        pytest.fail(told(course, differences), pytrace=False)


def test_there_are_enough_schedules():
    if not CHOSEN:
        assert len({seed for one in SEEDS.values() for seed in one}) >= (
            SCHEDULES_AT_LEAST
        )


@pytest.mark.parametrize("rows", HARD.values(), ids=HARD)
def test_the_schedules_have(course, rows):
    assert course.states.query(f"{rows.format(f'built_{LAST}')} limit 1")


@pytest.mark.parametrize("number", FULL_BUILDS)
def test_undated_tables_are_those_of_a_full_build(course, number):
    assert_none(
        course,
        course.states.undated_differences(f"built_{number}", f"full_{number}"),
    )


@pytest.mark.parametrize("number", FULL_BUILDS)
def test_open_dates_are_those_of_a_full_build(course, number):
    assert_none(
        course,
        course.states.dated_differences(
            f"built_{number}", f"full_{number}", course.closed[number]
        ),
    )


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_closed_dates_stay_as_they_were_published(course, number):
    assert course.closed[number], "no date had closed before"
    assert_none(
        course,
        course.states.published_differences(
            f"built_{number}", course.closed[number], course.batches[number].day
        ),
    )


@pytest.mark.parametrize("number", range(LAST + 1))
def test_kpis_are_those_of_the_members_and_the_events_as_they_stand(course, number):
    """What came after a closed date follows late data, its members do not."""
    states, state = course.states, f"built_{number}"
    from_rows = (
        "select as_of_date, segmentation, segment, count(*) as user_count,"
        " count(*) filter (has_purchased) as conversion, sum(revenue) as revenue,"
        " count(*) filter (has_returned) as retention"
        f" from {state}.user_outcomes inner join {state}.segment_memberships"
        " using (as_of_date, user_id) group by all"
    )
    from_table = (
        "select as_of_date, segmentation, segment, max(user_count),"
        + ",".join(
            f" sum(value_sum) filter (kpi = '{kpi}')"
            for kpi in ("conversion", "revenue", "retention")
        )
        + f" from {state}.segment_kpis where as_of_date in"
        f" (select as_of_date from {state}.int_as_of_dates) group by all"
    )
    assert_none(
        course,
        states.differences("segment_kpis", from_table, from_rows, ("it", "its rows")),
    )
    told = {row["as_of_date"] for row in states.query(f"from {state}.segment_kpis")}
    last_told = course.batches[number].day - timedelta(days=OUTCOME_DAYS)
    assert {day for day in states.dates(state) if day <= last_told} <= told
    assert all(day <= last_told for day in told)
    assert told or number < LAST


@pytest.mark.parametrize("number", range(LAST + 1))
def test_a_date_is_open_until_data_reach_past_its_end(course, number):
    found = course.states.query(f"from built_{number}.int_as_of_dates")
    assert {row["as_of_date"] for row in found if row["is_current"]} == {
        course.batches[number].day
    }
    assert {row["as_of_date"]: row["is_provisional"] for row in found} == {
        row["as_of_date"]: course.stays_open(row["as_of_date"], number)
        for row in found
    }


@pytest.mark.parametrize("number", range(LAST + 1))
def test_changes_and_intervals_give_the_memberships_back(course, number):
    assert_members_are_given_back(course.states, f"built_{number}")


def assert_members_are_given_back(states, state):
    members = states.members(state)
    assert max(count for one in members.values() for count in one.values()) == 1
    changes = states.members_of_changes(state)
    intervals = states.members_of_intervals(state)
    for day, expected in members.items():
        assert not unlike(changes[day], expected), f"changes up to {day}"
        assert not unlike(intervals[day], expected), f"intervals on {day}"


def unlike(found, expected):
    """Some members that only one of two counts of members has."""
    everyone = found.keys() | expected.keys()
    return sorted(one for one in everyone if found[one] != expected[one])[:5]


def test_the_log_gives_snapshots_back_that_are_not_kept(course):
    published = course.states.members("published")
    changes = course.states.members_of_changes(f"built_{LAST}")
    kept = course.states.dates(f"built_{LAST}")
    gone = course.ever_closed - kept
    assert bool(gone) == (course.plan.variables["snapshot_cadence"] == "day")
    assert set(course.states.members(f"built_{LAST}")) <= kept
    for day in gone:
        assert not unlike(changes[day], published[day]), day


def test_a_full_refresh_is_a_full_build(refreshed):
    states = refreshed.states
    gone = refreshed.ever_closed - states.dates(f"full_{LAST}")
    assert_none(
        refreshed,
        states.undated_differences("refreshed", f"full_{LAST}")
        + states.dated_differences("refreshed", f"full_{LAST}", gone),
    )


def test_changes_and_intervals_give_restated_memberships_back(refreshed):
    assert_members_are_given_back(refreshed.states, "refreshed")


def test_restatements_are_what_a_full_refresh_changed_on_closed_dates(refreshed):
    states = refreshed.states
    assert not states.query(f"from built_{LAST}.membership_restatements")
    before, after = states.members(f"built_{LAST}"), states.members("refreshed")
    expected = Counter(
        (day, *member, member in before[day], member in after[day])
        for day in refreshed.ever_closed & states.dates(f"full_{LAST}")
        for member in (before[day] | after[day]).keys()
        if (member in before[day]) != (member in after[day])
    )
    assert expected, "nothing was late"
    rows = states.query("from refreshed.membership_restatements")
    assert {row["cause"] for row in rows} == {"late data"}
    found = Counter(
        (row["as_of_date"], row["user_id"], row["segmentation"], segment, *sides)
        for row in rows
        for segment, *sides in [
            (row["before_segment"], True, False),
            (row["after_segment"], False, True),
        ]
        if segment
    )
    differences = [
        Difference("membership_restatements", where, {"row": row})
        for where, rows in [
            ("only in the table", found - expected),
            ("only between the states", expected - found),
        ]
        for row in rows
    ]
    assert_none(refreshed, differences)
