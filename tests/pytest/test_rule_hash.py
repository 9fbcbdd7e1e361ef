"""The hash in each membership row changes with what makes the row, and nothing else.

Point 3.12 of the meaning of rules: a changed rule must be told from drift, and a
renamed segment must not look like everybody leaving.
"""

import pytest

pytest_plugins = "dbt_project"

BUYER = "segment('buyer', rule=performed('purchase', at_least=2, within_days=60))"
READER = "segment('reader', rule=performed('product_viewed'))"


def hasher(project):
    """What gives the hash of one segment of a segmentation, by position."""

    def hash_of(*segments, position=0, assignment="exclusive", population="none"):
        otherwise = "'others'" if assignment == "exclusive" else "none"
        given = (
            f"{{'segments': [{', '.join(segments)}], 'assignment': '{assignment}',"
            f" 'otherwise': {otherwise}, 'population': {population},"
            " 'unknown_arguments': []}"
        )
        return project.rendered(
            "{% set definition = user_segmentation._check_segmentation("
            f"'seg_example', {given}) %}}"
            f"{{{{ user_segmentation._rule_hash(definition, {position}) }}}}"
        ).strip()

    return hash_of


@pytest.fixture(scope="module")
def hash_of(parsed_project):
    return hasher(parsed_project)


def test_the_same_rule_has_the_same_hash(hash_of):
    assert hash_of(BUYER) == hash_of(BUYER)
    assert len(hash_of(BUYER)) == 32


@pytest.mark.parametrize(
    "change",
    [
        ("'buyer'", "'shopper'"),
        ("within_days=60)", "within_days=60), owner='crm'"),
        ("within_days=60)", "within_days=60), description='Buys'"),
        ("within_days=60)", "within_days=60), min_size=50"),
        ("within_days=60)", "within_days=60, until_days_ago=none)"),
    ],
    ids=["name", "owner", "description", "min_size", "argument not given"],
)
def test_what_is_no_rule_does_not_change_the_hash(hash_of, change):
    assert hash_of(BUYER.replace(*change)) == hash_of(BUYER)


@pytest.mark.parametrize(
    "change",
    [
        ("at_least=2", "at_least=3"),
        ("within_days=60", "within_days=61"),
        ("'purchase'", "'login'"),
        ("at_least=2", "exactly=2"),
        ("within_days=60", "within_days=60, where={'platform': 'web'}"),
    ],
    ids=["threshold", "window", "event", "bound", "where"],
)
def test_a_changed_rule_has_another_hash(hash_of, change):
    assert hash_of(BUYER.replace(*change)) != hash_of(BUYER)


def test_a_changed_population_changes_the_hash(hash_of):
    assert hash_of(BUYER, population="performed('login')") != hash_of(BUYER)


def test_the_rules_before_count_in_an_exclusive_segmentation_only(hash_of):
    alone = hash_of(BUYER)
    assert hash_of(READER, BUYER, position=1) != alone
    assert hash_of(BUYER, READER, position=0) == alone
    overlapping = {"assignment": "overlapping"}
    assert hash_of(READER, BUYER, position=1, **overlapping) == hash_of(
        BUYER, **overlapping
    )


def test_otherwise_has_a_hash_of_all_rules(hash_of):
    others = hash_of(BUYER, position=1)
    assert others != hash_of(BUYER, position=0)
    assert others != hash_of(BUYER, READER, position=2)


@pytest.mark.parametrize(
    ("file", "change", "rule"),
    [
        (
            "models/segments/seg_lifecycle.sql",
            ("at_least=2, within_days=60", "at_least=3, within_days=60"),
            "in_segment('seg_lifecycle', 'loyal_shopper')",
        ),
        (
            "models/facts/user_facts.sql",
            (
                "window_days <= 365 then purchase_revenue",
                "window_days <= 90 then purchase_revenue",
            ),
            "fact('average_order_value_365d', '>', 50)",
        ),
    ],
    ids=["another segmentation", "facts"],
)
def test_what_a_rule_reads_counts(copy_project, file, change, rule, hash_of):
    project = copy_project("changed")
    text = (project.folder / file).read_text()
    assert change[0] in text
    project.write(file, text.replace(*change))
    changed = hasher(project.parse())
    assert changed(f"segment('example', rule={rule})") != hash_of(
        f"segment('example', rule={rule})"
    )
    assert changed(BUYER) == hash_of(BUYER)
