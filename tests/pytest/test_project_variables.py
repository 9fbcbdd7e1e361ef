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
    ],
)
def test_a_value_that_a_variable_can_have_passes(checked, name, value):
    answer = checked(name, value)
    assert answer.succeeded, answer.error
