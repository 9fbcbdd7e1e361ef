"""segment_definitions over several builds: versions come, stay and end."""

from datetime import date

import pytest

pytest_plugins = "dbt_project"

MODEL = """{{{{ segmentation(assignment='overlapping', segments=[
    segment('buyer', rule=performed('purchase', at_least={at_least}), owner='{owner}'),
    {more}
]) }}}}
"""
FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)


@pytest.fixture(scope="module")
def versions(copy_project):
    """Return what builds a definition on a date and gives all versions."""
    project = copy_project("versions", segmentations=["buying"])
    project.raw.mkdir()
    (project.raw / "events.csv").write_text(
        "event_id,event_name,occurred_at,user_id\ne1,purchase,2026-05-01,ann\n"
    )

    def build(day, *options, at_least=1, owner="crm", more=""):
        text = MODEL.format(at_least=at_least, owner=owner, more=more)
        project.write("models/segments/seg_buying.sql", text)
        answer = project.afresh().parse().dbt(
            "build",
            *("--exclude-resource-type", "unit_test"),
            *("--select", "+segment_definitions", "--indirect-selection", "cautious"),
            *("--vars", f"{{as_of_date: '{day}'}}"),
            *options,
        )
        assert answer.succeeded, answer.error
        rows = project.query(
            "select segment, definition_version, rule_words, owner, is_current,"
            " first_valid_date, last_valid_date from memberships.segment_definitions"
            " order by segment, definition_version"
        )
        return [tuple(row.values()) for row in rows]

    return build


def test_each_change_of_a_definition_is_a_version(versions):
    once = "purchased at least once"
    twice = "purchased at least 2 times"
    assert versions(FIRST) == [("buyer", 1, once, "crm", True, FIRST, FIRST)]
    assert versions(SECOND) == [("buyer", 1, once, "crm", True, FIRST, SECOND)]
    # Nothing new gives nothing new, and a full refresh keeps what no file has any more.
    assert versions(SECOND) == versions(SECOND, "--full-refresh")
    # Twice on one day: the first try leaves no version behind.
    versions(THIRD, at_least=3)
    assert versions(THIRD, at_least=2, owner="sales") == [
        ("buyer", 1, once, "crm", False, FIRST, SECOND),
        ("buyer", 2, twice, "sales", True, THIRD, THIRD),
    ]
    more = "segment('login', rule=performed('login')),"
    versions(date(2026, 6, 4), at_least=2, owner="sales", more=more)
    assert versions(date(2026, 6, 5), at_least=2, owner="sales") == [
        ("buyer", 1, once, "crm", False, FIRST, SECOND),
        ("buyer", 2, twice, "sales", True, THIRD, date(2026, 6, 5)),
        (
            *("login", 1, "logged in at least once", None, False),
            *(date(2026, 6, 4), date(2026, 6, 4)),
        ),
    ]
