"""A variable with a value that it can't have stops every command, with its name."""

import json

import pytest

pytest_plugins = "dbt_project"

CHECK = "{{ check_project_vars() }}"


@pytest.fixture(scope="module")
def checked(parsed_project):
    """Return what the check says of the value of a variable."""

    def check(name, value):
        options = ("--vars", json.dumps({name: value}))
        options += ("--no-populate-cache", "--no-introspect", "--no-write-json")
        answer = parsed_project.dbt("compile", "--inline", CHECK, *options)
        for node in [n for n in parsed_project.manifest.nodes if "inline_query" in n]:
            del parsed_project.manifest.nodes[node]
        return answer

    return check


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("habit_window_days", 0, "a whole number from 1"),
        ("habit_window_days", 1.5, "a whole number from 1"),
        ("habit_window_days", "90", "a whole number from 1"),
        ("habit_window_days", True, "a whole number from 1"),
        ("age_band_trait", "", "the name of a key of traits, or null"),
        ("age_band_trait", 5, "the name of a key of traits, or null"),
        ("age_band_trait", ["age"], "the name of a key of traits, or null"),
        ("outcome_days", 0, "a whole number from 1"),
        ("least_judged_user_count", 1, "a whole number from 2"),
        ("intersection_count", 2.5, "a whole number from 1"),
        ("control_share", 1, "a number above 0 and below 1"),
        ("test_error_rate", 0, "a number above 0 and below 1"),
        ("test_power", "0.8", "a number above 0 and below 1"),
        ("profile_least_share", 1.5, "a number above 0 and below 1"),
        ("profile_measures", "age_years", "a list of columns of user_facts"),
        ("profile_categories", [5], "a list of columns of user_facts"),
        ("intersection_segmentations", "rfm", "a list of names of segmentations"),
    ],
)
def test_a_value_that_a_variable_cannot_have_is_named(checked, name, value, allowed):
    answer = checked(name, value)
    assert not answer.succeeded
    assert (
        f"Variable {name} (dbt_project.yml or --vars): given {json.dumps(value)}; "
        f"allowed is {allowed}."
    ) in answer.error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("habit_window_days", 1),
        ("habit_window_days", 365),
        ("age_band_trait", None),
        ("age_band_trait", "household.age"),
        ("outcome_days", 1),
        ("least_judged_user_count", 2),
        ("control_share", 0.01),
        ("profile_measures", []),
        ("intersection_segmentations", []),
    ],
)
def test_a_value_that_a_variable_can_have_passes(checked, name, value):
    answer = checked(name, value)
    assert answer.succeeded, answer.error


def test_profiles_need_a_column(parsed_project):
    empty = json.dumps({"profile_measures": [], "profile_categories": []})
    options = ("--no-populate-cache", "--no-introspect", "--no-write-json")
    answer = parsed_project.dbt("compile", "--inline", CHECK, "--vars", empty, *options)
    assert not answer.succeeded
    assert "not empty where profile_categories is" in answer.error
