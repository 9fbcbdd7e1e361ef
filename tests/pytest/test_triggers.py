"""A move between segments sets off a trigger once, however often builds are repeated.

Three daily builds, on a Saturday, a Sunday and the Monday after, on snapshots of weeks:
what users made by hand do in that week is open until the Monday, when the Sunday has
closed. The build of the Saturday is repeated, that of the Sunday killed before it is
published.
"""

from datetime import date

import pytest
from delivery_schedules import deliver

pytest_plugins = "dbt_project"

SATURDAY, SUNDAY, MONDAY = (date(2024, 3, day) for day in (16, 17, 18))
SUNDAY_BEFORE = date(2024, 3, 10)

RULES = """{{ segmentation(assignment='exclusive', otherwise='rest', segments=[
    segment('regular', rule=performed('visited', at_least=2, within_days=7)),
]) }}
"""
TRIGGERS = """trigger_name,segmentation,from_segment,to_segment,action,comment
gained,visits,*,regular,thank,
gained,visits,rest,regular,thank,The same move in other words
lost,visits,regular,rest,ask,
"""

VISITS = {
    SATURDAY: {
        # Regular on the Sunday before, which had closed, and no more since.
        "history": ["03-07", "03-08"],
        "lasts": ["03-15", "03-16"],
        # On the Sunday the first of the two is seven days ago.
        "does not last": ["03-10", "03-16"],
        "comes later": ["03-16"],
    },
    SUNDAY: {"comes later": ["03-17"]},
    # Told when the Sunday has closed.
    MONDAY: {"late": ["03-14", "03-15"]},
}


def rows_of(day):
    """The raw rows of a day: visits, and a file of nobody's that makes it D."""
    visits = [
        (name, f"2024-{of_day}")
        for name, of_days in VISITS[day].items()
        for of_day in of_days
    ]
    rows = [
        {
            "event_id": f"{name} {of_day}",
            "event_name": "visited",
            "occurred_at": f"{of_day} 12:00:00",
            "received_at": f"{day} 13:00:00",
            "user_id": name,
        }
        for name, of_day in visits
    ]
    known = {name for days in VISITS.values() for name in days}
    for name in sorted(known) if day == SATURDAY else ["history"]:
        seen_on = "2024-02-25" if day == SATURDAY else day
        rows.append(
            {
                "event_id": f"page {name} {day}",
                "event_name": "page_viewed",
                "occurred_at": f"{seen_on} 12:00:00",
                "user_id": name,
            }
        )
    return rows


@pytest.fixture(scope="module")
def told(copy_project, tmp_path_factory):
    """What each build says of the triggers: its rows by user and trigger."""
    project = copy_project("triggers", segmentations=["visits"])
    project.write("models/segments/seg_visits.sql", RULES)
    project.write("seeds/trigger_moves.csv", TRIGGERS)
    project = project.parse().on(tmp_path_factory.mktemp("shop"))
    found = {}

    def build(name, *options):
        commands = [["run", *options]]
        if not project.warehouse.exists():
            commands = [["seed"], *commands]
        for command in commands:
            answer = project.dbt(*command, "--no-write-json")
            assert answer.succeeded, answer.error
        rows = project.query("from activation.segment_triggers")
        found[name] = {
            (row["user_id"], row["trigger_name"], row["previous_as_of_date"]): row
            for row in rows
        }
        assert len(found[name]) == len(rows)

    for day in (SATURDAY, SUNDAY, MONDAY):
        deliver(project.raw, {f"events/{day}.ndjson": rows_of(day)})
        if day == SUNDAY:
            build("killed", "--exclude", "published_snapshots")
        build(day)
        if day == SATURDAY:
            build("repeated")
    return found


def of_this_week(rows):
    """Status, first day and whether to act, of what came after the Sunday before."""
    return {
        (user, trigger): (
            row["status"],
            row["triggered_date"],
            row["as_of_date"],
            row["is_actionable"],
        )
        for (user, trigger, before), row in rows.items()
        if before == SUNDAY_BEFORE
    }


ON_SATURDAY = {
    ("lasts", "gained"): ("open", SATURDAY, SATURDAY, True),
    ("does not last", "gained"): ("open", SATURDAY, SATURDAY, True),
    ("history", "lost"): ("open", SATURDAY, SATURDAY, True),
}
ON_SUNDAY = {
    ("lasts", "gained"): ("open", SATURDAY, SUNDAY, True),
    ("does not last", "gained"): ("withdrawn", SATURDAY, SATURDAY, True),
    ("history", "lost"): ("open", SATURDAY, SUNDAY, True),
    ("comes later", "gained"): ("open", SUNDAY, SUNDAY, True),
}
ON_MONDAY = {
    ("lasts", "gained"): ("confirmed", SATURDAY, SUNDAY, True),
    ("does not last", "gained"): ("withdrawn", SATURDAY, SATURDAY, True),
    ("history", "lost"): ("confirmed", SATURDAY, SUNDAY, True),
    ("comes later", "gained"): ("confirmed", SUNDAY, SUNDAY, True),
    ("late", "gained"): ("confirmed", MONDAY, SUNDAY, False),
}


def test_a_first_build_of_old_data_asks_nobody_to_act_on_closed_dates(told):
    closed = [row for row in told[SATURDAY].values() if row["as_of_date"] != SATURDAY]
    assert [
        (row["user_id"], row["trigger_name"], row["as_of_date"], row["status"])
        for row in closed
    ] == [("history", "gained", SUNDAY_BEFORE, "confirmed")]
    assert not closed[0]["is_actionable"]


def test_a_move_is_seen_while_its_date_is_open(told):
    assert of_this_week(told[SATURDAY]) == ON_SATURDAY


def test_a_build_that_is_repeated_sets_off_nothing(told):
    assert told["repeated"] == told[SATURDAY]


def test_a_move_keeps_its_first_day_and_one_that_does_not_last_is_withdrawn(told):
    assert of_this_week(told[SUNDAY]) == ON_SUNDAY


def test_a_killed_build_that_is_done_again_sets_off_nothing_twice(told):
    assert told["killed"] == told[SUNDAY]


def test_a_move_is_confirmed_when_its_date_closes_with_it(told):
    assert of_this_week(told[MONDAY]) == ON_MONDAY


def test_no_move_of_the_week_is_seen_again_in_the_next(told):
    later = {key: row for key, row in told[MONDAY].items() if key[2] == SUNDAY}
    assert later == {}


def test_what_was_told_of_earlier_weeks_stays(told):
    for name in ("repeated", SUNDAY, MONDAY):
        for key, row in told[SATURDAY].items():
            if key[2] < SUNDAY_BEFORE:
                assert told[name][key] == row
