"""A segmentation that is added or changed is built alone, with what hangs on it."""

import pytest
from segmentations import FEW_SEGMENTATIONS

from project.command_run import WHAT_IS_DUE

pytest_plugins = "dbt_project"

ADDED = """{{ segmentation(assignment='overlapping', segments=[
    segment('buyer', rule=performed('purchase')),
]) }}
"""
RULE = "fact('days_since_last_active', '<', 7)"


@pytest.fixture(scope="module")
def shop(copy_project):
    """A shop of three weeks, built twice: the second build found nothing new."""
    project = copy_project("selected", segmentations=FEW_SEGMENTATIONS)
    project.raw.mkdir()
    days = ("2026-05-01", "2026-05-08", "2026-05-15", "2026-05-22")
    rows = [f"e{n},purchase,{day},user{n},{day}" for n, day in enumerate(days)]
    (project.raw / "events.csv").write_text(
        "\n".join(["event_id,event_name,occurred_at,user_id,received_at", *rows])
    )
    project.parse()
    for _ in range(2):
        answer = project.build()
        assert answer.succeeded, answer.error
    return project


def selected(shop, name):
    project = shop.afresh().parse()
    answer = project.build(f"{name}+", *WHAT_IS_DUE)
    assert answer.succeeded, answer.error
    return project


def test_an_added_segmentation_has_every_date_that_is_kept(shop):
    shop.write("models/segments/seg_added.sql", ADDED)
    shop.set_variables(segmentations=[*FEW_SEGMENTATIONS, "added"])
    selected(shop, "seg_added")
    rows = shop.query(
        "select as_of_date, user_count from drift.segment_sizes"
        " where segmentation = 'added' order by as_of_date"
    )
    # One buyer more by each Sunday; the last date is a Friday.
    found = [(str(row["as_of_date"]), row["user_count"]) for row in rows]
    assert found == [
        ("2026-05-03", 1), ("2026-05-10", 2), ("2026-05-17", 3), ("2026-05-22", 4),
    ]  # fmt: skip


def test_a_changed_segmentation_is_computed_on_the_current_date(shop):
    file = "models/segments/seg_engagement.sql"
    text = (shop.folder / file).read_text()
    assert text.count(RULE) == 1
    shop.write(file, text.replace(RULE, RULE.replace("7", "15")))
    selected(shop, "seg_engagement")
    rows = shop.query(
        "select user_count from drift.segment_sizes"
        " where segment = 'weekly_active' and is_current"
    )
    # Those of the 8th (14 days ago), the 15th and the 22nd.
    assert [row["user_count"] for row in rows] == [3]
