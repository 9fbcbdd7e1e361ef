"""Check the project's YAML files against the JSON schemas that come with dbt.

dbt itself uses these schemas on a few cloud warehouses only; everywhere else it drops a
misspelt key in silence, and with it a test or a description.
"""

import difflib
from dataclasses import fields
from pathlib import Path

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.jsonschemas.jsonschemas import project_schema, resources_schema
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

FOLDERS = ("models", "macros", "seeds", "tests", "analyses", "snapshots")
"""Folders with properties files; `tests/pytest` is none of dbt's."""


def profiles_schema():
    """A schema of profiles.yml for outputs on DuckDB; dbt ships none."""
    keys = {field.name for field in fields(DuckDBCredentials)} | {"type", "threads"}
    on_duckdb = {"properties": dict.fromkeys(keys, {}), "additionalProperties": False}
    is_duckdb = {"properties": {"type": {"const": "duckdb"}}}
    outputs = {"additionalProperties": {"if": is_duckdb, "then": on_duckdb}}
    profile = {
        "properties": {"target": {}, "outputs": outputs},
        "additionalProperties": False,
    }
    return {"type": "object", "additionalProperties": profile}


ROOT_FILES = {"dbt_project.yml": project_schema, "profiles.yml": profiles_schema}


def findings(root):
    """Every violation in the project at `root`; each names file, place and key."""
    schemas = {root / name: schema() for name, schema in ROOT_FILES.items()}
    schemas |= dict.fromkeys(properties_files(root), resources_schema())
    found = []
    for path, schema in schemas.items():
        found += violations(path.relative_to(root), path.read_text(), schema)
    return found


def properties_files(root):
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*.y*ml"))
    return sorted(
        path for path in files if not path.is_relative_to(root / "tests" / "pytest")
    )


def violations(file: Path, text, schema):
    """The violations in one file."""
    try:
        document = yaml.load(text, Loader=TextDates)
    except yaml.YAMLError as error:
        return [f"{file}: no readable YAML: {error}"]
    if document is None:
        return [f"{file}: is empty"]
    errors = [best_match([error]) for error in Validator(schema).iter_errors(document)]
    return [
        f"{file}: {where(error.absolute_path, document)}: {describe(error, schema)}"
        for error in errors
        if not is_name_of_a_macro(error)
    ]


class TextDates(yaml.SafeLoader):
    """Reads dates as text, which is what the schemas expect."""

    yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if not tag.endswith("timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def type_or_jinja(validator, types, instance, schema):
    """The rule for types, except that Jinja in a text may yield any type.

    The schemas leave that out: `enabled: "{{ var('x') }}"` is legal.
    """
    if not (isinstance(instance, str) and "{{" in instance):
        yield from Draft7Validator.VALIDATORS["type"](
            validator, types, instance, schema
        )


def enum_in_any_case(_validator, allowed, instance, _schema):
    """The rule for enumerations, except that case does not matter.

    The schemas know `severity: Warn` only, while dbt documents `warn`.
    """
    if str(instance).lower() not in [str(value).lower() for value in allowed]:
        yield ValidationError(f"{instance!r} is not one of {allowed}")


Validator = extend(
    Draft7Validator, validators={"type": type_or_jinja, "enum": enum_in_any_case}
)


def is_name_of_a_macro(error):
    """Whether a violation is about a name that a project may add to by a macro.

    dbt itself refuses a materialization or an incremental strategy that has no macro.
    """
    key = str(error.absolute_path[-1]) if error.absolute_path else ""
    is_open = key.removeprefix("+") in ("materialized", "incremental_strategy")
    return is_open and error.validator == "oneOf"


def describe(error, schema):
    """What is wrong in one place; for an unknown key also which keys are allowed."""
    if error.validator == "additionalProperties" and "properties" in error.schema:
        allowed = error.schema["properties"]
        unknown = error.instance.keys() - allowed
    elif is_unknown_project_config(error, schema):
        allowed = section_configs(error.absolute_path[0], schema)
        unknown = [error.absolute_path[-1]]
    else:
        return error.message
    named = ", ".join(with_guess(str(key), allowed) for key in sorted(unknown, key=str))
    return f"unknown {named}; allowed: {', '.join(sorted(allowed))}"


def with_guess(key, allowed):
    near = difflib.get_close_matches(key, allowed, n=1)
    return f"'{key}' (did you mean '{near[0]}'?)" if near else f"'{key}'"


def is_unknown_project_config(error, schema):
    """Whether a key of dbt_project.yml is no config and so was taken for a folder."""
    return (
        schema is project_schema()
        and len(error.absolute_path) > 1
        and (error.validator, error.validator_value) == ("type", "object")
        and bool(section_configs(error.absolute_path[0], schema))
    )


def section_configs(section, schema):
    """The configs of a section of dbt_project.yml; none if it is no tree of them."""
    reference = schema["properties"][section].get("anyOf", [{}])[0].get("$ref", "")
    definition = schema["definitions"].get(reference.rpartition("/")[-1], {})
    return [key for key in definition.get("properties", {}) if key.startswith("+")]


def where(path, document):
    """The path to a violation, with list elements by their name if they have one."""
    text = ""
    node = document
    for key in path:
        node = node[key]
        if isinstance(key, int):
            text += f"[{node.get('name', key) if isinstance(node, dict) else key}]"
        else:
            text += f".{key}" if text else str(key)
    return text or "top level"
