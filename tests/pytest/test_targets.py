"""Production has plain schemas, each developer schemas of their own."""

import json

import pytest

pytest_plugins = "dbt_project"

FOLDERS = {
    "staging",
    "intermediate",
    "facts",
    "segments",
    "memberships",
    "drift",
    "overlap",
    "quality",
    "activation",
    "publication",
}


@pytest.fixture(scope="module")
def schemas(copy_project):
    """Return what gives the schemas of all models in a target."""
    project = copy_project("targets")

    def listed(target):
        words = ("--resource-type", "model", "--output", "json")
        keys = ("--output-keys", "schema")
        # The last of two targets on a command line counts.
        answer = project.dbt("ls", "--target", target, *words, *keys)
        assert answer.succeeded, answer.error
        return {json.loads(line)["schema"] for line in answer.value}

    return listed


def test_production_has_schemas_named_like_the_folders(schemas):
    assert schemas("prod") == FOLDERS


def test_two_developers_on_one_warehouse_do_not_collide(schemas, monkeypatch):
    monkeypatch.delenv("USER_SEGMENTATION_SCHEMA", raising=False)
    monkeypatch.setenv("USER", "ana")
    of_ana = schemas("dev")
    monkeypatch.setenv("USER", "bob")
    of_bob = schemas("dev")
    assert of_ana == {f"dev_ana_{folder}" for folder in FOLDERS}
    assert of_bob == {f"dev_bob_{folder}" for folder in FOLDERS}


def test_the_environment_names_the_schemas_of_a_developer(schemas, monkeypatch):
    monkeypatch.setenv("USER_SEGMENTATION_SCHEMA", "pull_request_7")
    assert schemas("dev") == {f"pull_request_7_{folder}" for folder in FOLDERS}
