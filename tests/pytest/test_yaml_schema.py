"""Every key in the project's YAML files is one that dbt knows."""

from pathlib import Path

import pytest

from project import yaml_schema
from project.paths import ROOT


def violations(text, schema=None):
    return yaml_schema.violations(
        Path("models/_models.yml"), text, schema or yaml_schema.resources_schema()
    )


def project_violations(text):
    return violations(text, yaml_schema.project_schema())


def test_every_yaml_file_of_the_project_fits_the_schemas():
    assert yaml_schema.findings(ROOT) == []


def test_the_check_sees_the_root_and_every_folder(tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: a\nmodel-pathz: [models]\n")
    (tmp_path / "profiles.yml").write_text("a: {tarjet: dev, outputs: {}}\n")
    folders = ("models", "macros", "seeds", "tests", "analyses", "snapshots")
    for folder in folders:
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "_models.yaml").write_text("modelz: []\n")
    not_for_dbt = tmp_path / "tests" / "pytest"
    not_for_dbt.mkdir()
    (not_for_dbt / "cases.yml").write_text("anything: 1\n")
    found = yaml_schema.findings(tmp_path)
    assert len(found) == 2 + len(folders)
    assert not any("cases.yml" in finding for finding in found)


@pytest.mark.parametrize(
    ("text", "place", "wrong", "right"),
    [
        ("modles: []", "top level", "modles", "models"),
        (
            "models: [{name: a, descripton: x}]",
            "models[a]",
            "descripton",
            "description",
        ),
        (
            "models: [{name: a, columns: [{name: b, data_test: [unique]}]}]",
            "models[a].columns[b]",
            "data_test",
            "data_tests",
        ),
        (
            "models: [{name: a, config: {contract: {enforce: true}}}]",
            "models[a].config.contract",
            "enforce",
            "enforced",
        ),
        (
            "models: [{name: a, data_tests: [{unique: {confg: {severity: warn}}}]}]",
            "models[a].data_tests[0].unique",
            "confg",
            "config",
        ),
        (
            "models: [{name: a, data_tests: [{unique: {config: {severty: warn}}}]}]",
            "models[a].data_tests[0].unique.config",
            "severty",
            "severity",
        ),
        (
            "unit_tests: [{name: a, model: b, expect: {}, given: [{input: c, rw: 1}]}]",
            "unit_tests[a].given[0]",
            "rw",
            "rows",
        ),
        (
            "macros: [{name: a, arguments: [{name: b, descripton: x}]}]",
            "macros[a].arguments[b]",
            "descripton",
            "description",
        ),
    ],
)
def test_a_misspelt_key_is_named_with_its_place_and_the_allowed_keys(
    text, place, wrong, right
):
    (found,) = violations(text)
    assert found.startswith(f"models/_models.yml: {place}: unknown '{wrong}'")
    assert f"did you mean '{right}'?" in found
    assert right in found.partition("allowed: ")[2].split(", ")


@pytest.mark.parametrize("wrong", ["+materialised", "materialized"])
def test_a_misspelt_config_of_a_folder_is_named_with_the_allowed_ones(wrong):
    (found,) = project_violations(
        f"name: a\nmodels: {{a: {{staging: {{{wrong}: view}}}}}}"
    )
    assert f"models.a.staging.{wrong}: unknown '{wrong}'" in found
    assert "+materialized" in found.partition("allowed: ")[2].split(", ")


def test_a_misspelt_key_of_a_profile_is_named_with_the_allowed_ones():
    (found,) = violations(
        "a: {target: dev, outputs: {dev: {type: duckdb, path: x, thraeds: 2}}}",
        yaml_schema.profiles_schema(),
    )
    assert "a.outputs.dev: unknown 'thraeds' (did you mean 'threads'?)" in found
    assert "path" in found.partition("allowed: ")[2].split(", ")


def test_profiles_of_other_engines_are_left_to_their_adapters():
    text = "a: {outputs: {prod: {type: spark, host: x, token: y}}}"
    assert violations(text, yaml_schema.profiles_schema()) == []


def test_arguments_of_a_test_belong_under_arguments():
    (found,) = violations(
        "models: [{name: a, data_tests: [{accepted_values: {values: [1]}}]}]"
    )
    assert "unknown 'values'" in found
    assert "arguments" in found


@pytest.mark.parametrize(
    "text",
    [
        "models: [{name: a, data_tests: [{unique: {config: {severity: warn}}}]}]",
        "models: [{name: a, config: {enabled: \"{{ var('b') }}\"}}]",
        "models: [{name: a, config: {incremental_strategy: dates}}]",
        "models: [{name: a, config: {materialized: own_kind, meta: {free: text}}}]",
        "unit_tests: [{name: a, model: b, expect: {rows: [{day: 2024-01-31}]}}]",
        "unit_tests: [{name: a, model: b, expect: {rows: 'select 1', format: sql}}]",
    ],
)
def test_what_is_legal_in_dbt_passes(text):
    assert violations(text) == []


@pytest.mark.parametrize("text", ["", "models: [", "- a\n- b"])
def test_a_file_that_is_no_mapping_is_a_violation(text):
    assert len(violations(text)) == 1


def test_a_wrong_type_is_a_violation():
    (found,) = project_violations("name: a\nquoting: {identifier: maybe}")
    assert "quoting.identifier: 'maybe' is not of type" in found
