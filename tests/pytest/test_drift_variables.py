"""Variables of drift that can not be meant are refused, naming what is allowed."""

import pytest
from compiled_project import with_variables

pytest_plugins = "dbt_project"


@pytest.fixture
def check(parsed_project, tmp_path):
    """Return what checks the variables with some of them changed."""

    def checked(**variables):
        project = with_variables(parsed_project, tmp_path, variables)
        return project.compile("{{ user_segmentation.check_project_vars() }}")

    return checked


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5, "0.05", True])
def test_the_rate_of_false_alarms_is_above_0_and_below_1(rate, check):
    answer = check(drift_false_alarm_rate=rate)
    assert not answer.succeeded
    assert "Variable drift_false_alarm_rate" in answer.error
    assert "a number above 0 and below 1" in answer.error


@pytest.mark.parametrize(
    "facts",
    [
        [],
        "revenue_90d",
        ["revenue_90d", "revenue_90d"],
        ["no_such_fact"],
        ["last_active_date"],
        ["user_id"],
        [1],
    ],
    ids=str,
)
def test_drift_facts_are_different_columns_with_values_to_count(facts, check):
    answer = check(drift_facts=facts)
    assert not answer.succeeded
    assert "Variable drift_facts" in answer.error
    assert "a list of different columns of user_facts" in answer.error


def test_numbers_texts_and_booleans_can_be_watched(parsed_project, tmp_path):
    facts = ["revenue_90d", "age_years", "last_platform", "is_anonymous"]
    project = with_variables(parsed_project, tmp_path, {"drift_facts": facts})
    kinds = project.rendered(
        "{{ user_segmentation.drift_facts() | map(attribute='kind') | join(' ') }}"
    )
    assert kinds == "number number text text"


def test_other_values_pass(check):
    answer = check(drift_false_alarm_rate=0.01, drift_facts=["country"])
    assert answer.succeeded, answer.error
