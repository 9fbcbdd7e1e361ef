"""What every model, column, macro and file of the project keeps to.

Exceptions stand in lists with a reason each; a list may not name what is no exception.
"""

import csv
import itertools
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import jinja2
import pytest
import yaml

import raw_contract
from project import bootstrap

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "user_segmentation"
LAYERS = (
    "staging",
    "intermediate",
    "facts",
    "segments",
    "memberships",
    "drift",
    "overlap",
    "quality",
    "experiments",
    "activation",
    "publication",
)
LINE_LENGTH = 88

WITHOUT_CONTRACT = {
    "user_segments": "its columns follow the variable segmentations",
}
WITHOUT_KEY = {
    "rejected_rows": "a raw row without any id may come twice, and is told twice",
}
EXCLUSIVE_KEY = ["as_of_date", "user_id", "segmentation"]
UNDATED = {
    "sessions": "a session has its own times",
    "segment_definitions": "what is defined now",
    "segment_membership_intervals": "a stretch of dates, from and to",
    "segment_names": "names of all times, by what the segment is called now",
    "segmentation_hashes": "what is defined now",
    "drift_limits": "thresholds of any date",
}
PLAIN_BOOLEANS = {"marketing_consent": "a column of the input contract"}

ENGINE_WORDS = (
    "any_value|approx_count_distinct|approx_percentile|approx_quantile|arg_max|"
    "arg_min|array_agg|array_contains|array_join|array_length|array_position|"
    "array_remove|array_sort|array_to_string|bool_and|bool_or|collect_list|"
    "collect_set|columns|concat_ws|contains|count_if|date_add|date_diff|date_format|"
    "date_part|date_sub|date_trunc|dateadd|datediff|element_at|ends_with|epoch|"
    "epoch_ms|explode|flatten|from_json|from_unixtime|from_utc_timestamp|"
    "generate_series|get_json_object|glob|iff|ilike|isnull|json_array_elements|"
    "json_array_length|json_each|json_extract|json_extract_path_text|"
    "json_extract_string|json_keys|json_object_keys|json_transform|json_type|"
    "json_typeof|json_valid|json_value|jsonb_array_elements|jsonb_each|jsonb_typeof|"
    "len|list|list_aggregate|list_contains|list_filter|list_sort|list_transform|"
    "listagg|make_date|make_interval|map_from_entries|map_keys|max_by|median|min_by|"
    "named_struct|nvl|object_construct|parse_json|percentile|percentile_approx|"
    "percentile_cont|percentile_disc|quantile_cont|raise_error|read_csv|read_json|"
    "read_parquet|regexp_count|regexp_extract|regexp_full_match|regexp_instr|"
    "regexp_like|regexp_matches|regexp_replace|regexp_substr|row_to_json|safe_cast|"
    "schema_of_json|sequence|split_part|starts_with|strftime|string_agg|strpos|"
    "strptime|struct|struct_pack|timezone|to_char|to_date|to_json|to_jsonb|"
    "to_seconds|to_timestamp|to_utc_timestamp|try_cast|try_element_at|try_parse_json|"
    "try_to_number|try_to_timestamp|try_variant_get|typeof|unix_timestamp|unnest|"
    "variant_get|width_bucket|xxhash64"
)
ENGINE_CALL = re.compile(rf"(?<![\w.'])({ENGINE_WORDS})\(", re.IGNORECASE)
ENGINE_SYNTAX = re.compile(
    r"\bqualify\b|\bgroup by all\b|\border by all\b|\bexclude\s*\(|\w::\w|\bilike\b"
    r"|\bfilter\s*\(\s*where\b|\bdistinct on\b|\basof join\b|\blateral\b"
    r"|\bignore nulls\b|\brlike\b|\bsimilar to\b|\bat time zone\b|\bcollate\b"
    r"|\barray\s*\[|\bunion all by name\b|\bwithin group\b|(?<!\| )\bround\s*\(",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"\bcurrent_(date|time|timestamp)\b|\bnow\s*\(|\bgetdate\s*\(|\bsysdate\b"
    r"|\brun_started_at\b|\btoday\s*\(|\butcnow\s*\(|\blocaltimestamp\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|/\*.*?\*/", re.DOTALL)


def sql_files(*folders):
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.sql"))


def shown(path):
    return str(path.relative_to(ROOT))


def without_comments(text):
    """The code of a file; line breaks stay, so that line numbers stay too."""
    return COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)


def violations(files, pattern):
    """Every place of a pattern in the code of files."""
    return [
        f"{shown(file)}:{number}: {match[0].strip()}"
        for file in files
        for number, line in enumerate(
            without_comments(file.read_text()).splitlines(), 1
        )
        for match in pattern.finditer(line)
    ]


@pytest.fixture(scope="module")
def manifest(request):
    """The manifest of the build that is tested, else of a copy that is parsed here."""
    target = os.environ.get("USER_SEGMENTATION_TEST_TARGET")
    if target:
        return json.loads((Path(target) / "manifest.json").read_text())
    project = request.getfixturevalue("whole_project")
    return json.loads((project.folder / "target" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest):
    """The models of the project that are switched on, by name."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["package_name"] == PACKAGE
    }


@pytest.fixture(scope="module")
def tests_of(manifest):
    """Return what gives the data tests of a model: kind, arguments, column."""

    def find(model):
        return [
            (
                node["test_metadata"]["name"],
                node["test_metadata"]["kwargs"],
                node["column_name"],
            )
            for node in manifest["nodes"].values()
            if node["resource_type"] == "test"
            and node.get("test_metadata")
            and node.get("attached_node") == model["unique_id"]
        ]

    return find


@pytest.fixture(scope="module")
def macros(manifest):
    """The macros of the folder macros, by file."""
    found = {}
    for macro in manifest["macros"].values():
        path = macro["original_file_path"]
        if macro["package_name"] == PACKAGE and path.startswith("macros/"):
            found.setdefault(path, []).append(macro)
    return found


def is_public(name):
    return not name.startswith("_") and "__" not in name


@pytest.fixture(scope="module")
def public_macros(macros):
    return [
        macro for file in macros.values() for macro in file if is_public(macro["name"])
    ]


# Models and columns


def test_every_description_of_a_model_begins_with_its_grain(models):
    assert models
    wrong = [
        name
        for name, model in models.items()
        if not model["description"].startswith("One row per ")
    ]
    assert not wrong


def test_every_column_has_a_type_and_a_description(models):
    wrong = [
        f"{name}.{column['name']}"
        for name, model in models.items()
        for column in model["columns"].values()
        if not column["data_type"] or not column["description"].strip()
    ]
    assert not wrong


def test_no_two_columns_of_a_model_share_a_description(models):
    wrong = []
    for name, model in models.items():
        seen = {}
        for column in model["columns"].values():
            text = " ".join(column["description"].split())
            if text in seen:
                wrong.append(f"{name}: {seen[text]} and {column['name']}")
            seen[text] = column["name"]
    assert not wrong


def documented(manifest):
    """Schema and name of every table of the project, to its columns and their types."""
    return {
        (node["schema"], node["alias"]): {
            column["name"]: column["data_type"] for column in node["columns"].values()
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["package_name"] == PACKAGE
    }


def stored(warehouse):
    rows = warehouse.execute(
        "select table_schema, table_name, column_name, data_type "
        "from information_schema.columns order by ordinal_position"
    ).fetchall()
    tables = {}
    for schema, table, column, kind in rows:
        tables.setdefault((schema, table), {})[column] = kind
    return tables


def test_every_table_in_the_warehouse_is_of_the_project_and_the_reverse(
    manifest, warehouse
):
    assert documented(manifest).keys() == stored(warehouse).keys()


def test_every_column_in_the_warehouse_is_documented_and_the_reverse(
    manifest, warehouse
):
    tables = stored(warehouse)
    wrong = {}
    for table, columns in documented(manifest).items():
        differences = columns.keys() ^ tables.get(table, {}).keys()
        if differences:
            wrong[".".join(table)] = sorted(differences)
    assert not wrong


def test_every_documented_type_is_the_type_in_the_warehouse(manifest, warehouse):
    tables = stored(warehouse)

    def stored_type(kind):
        return warehouse.execute(f"select typeof(cast(null as {kind}))").fetchone()[0]

    wrong = [
        f"{schema}.{name}.{column}: documented {kind}, stored {found}"
        for (schema, name), columns in documented(manifest).items()
        for column, kind in columns.items()
        if (found := tables.get((schema, name), {}).get(column))
        and kind
        and stored_type(kind) != found
    ]
    assert not wrong


def test_booleans_begin_with_is_or_has(models):
    wrong = [
        f"{name}.{column['name']}"
        for name, model in models.items()
        for column in model["columns"].values()
        if (column["data_type"] or "").lower() == "boolean"
        and not re.match("(is|has)_", column["name"])
        and column["name"] not in PLAIN_BOOLEANS
    ]
    assert not wrong


@pytest.mark.parametrize("ending, kind", [("_at", "timestamp"), ("_date", "date")])
def test_the_end_of_a_name_tells_times_and_dates(ending, kind, models):
    wrong = [
        f"{name}.{column['name']}: {column['data_type']}"
        for name, model in models.items()
        for column in model["columns"].values()
        if not re.match("(is|has)_", column["name"])
        and column["name"].endswith(ending)
        != ((column["data_type"] or "").lower() == kind)
    ]
    assert not wrong


def test_dated_tables_have_as_of_date(models):
    dated = [
        model
        for name, model in models.items()
        if model["fqn"][1] in LAYERS[LAYERS.index("facts") :]
        or model["description"].startswith("One row per snapshot date")
        if name not in UNDATED
    ]
    wrong = [model["name"] for model in dated if "as_of_date" not in model["columns"]]
    assert not wrong


def public(models):
    found = {n: model for n, model in models.items() if model["access"] == "public"}
    assert found
    return found


def test_every_public_model_has_an_enforced_contract(models):
    wrong = [
        name
        for name, model in public(models).items()
        if not model["contract"]["enforced"] and name not in WITHOUT_CONTRACT
    ]
    assert not wrong


def keys(model, tests):
    """The keys that tests hold a model to, each a list of columns."""
    found = []
    for kind, arguments, column in tests:
        if kind == "unique":
            found.append([column])
        elif kind == "unique_key":
            found.append(arguments["columns"])
        elif kind == "exclusive_segments":
            found.append(EXCLUSIVE_KEY)
    return found


def test_every_public_model_has_a_key_test(models, tests_of):
    wrong = [
        name
        for name, model in public(models).items()
        if not keys(model, tests_of(model)) and name not in WITHOUT_KEY
    ]
    assert not wrong


def never_null(model, tests):
    """The columns that a constraint or a test keeps from being null."""
    columns = {
        column["name"]
        for column in model["columns"].values()
        if any(limit["type"] == "not_null" for limit in column.get("constraints") or [])
        and model["contract"]["enforced"]
    }
    for kind, arguments, column in tests:
        if kind == "not_null":
            columns.add(column)
        elif kind in ("not_null_columns", "unique_key"):
            columns.update(arguments["columns"])
    return columns


def test_the_key_of_a_public_model_is_never_null(models, tests_of):
    wrong = []
    for name, model in public(models).items():
        tests = tests_of(model)
        columns = never_null(model, tests)
        wrong += [
            f"{name}.{column}"
            for key in keys(model, tests)
            for column in key
            if column not in columns
        ]
    assert not wrong


def test_every_exception_is_one(models, tests_of):
    for name in WITHOUT_CONTRACT:
        assert not models[name]["contract"]["enforced"]
    for name in WITHOUT_KEY:
        assert not keys(models[name], tests_of(models[name]))
    for name in UNDATED:
        assert "as_of_date" not in models[name]["columns"]


# The flow


def test_a_model_refers_only_to_its_own_or_an_earlier_layer(manifest, models):
    wrong = []
    for name, model in models.items():
        layer = LAYERS.index(model["fqn"][1])
        for dependency in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(dependency)
            if not node or node["resource_type"] != "model":
                continue
            if LAYERS.index(node["fqn"][1]) > layer:
                wrong.append(f"{name} refers to {node['name']}")
    assert not wrong


def test_a_build_is_published_after_every_model(manifest):
    last = f"model.{PACKAGE}.published_snapshots"
    found, to_visit = set(), [last]
    while to_visit:
        name = to_visit.pop()
        if name not in found:
            found.add(name)
            to_visit += manifest["nodes"].get(name, {}).get("depends_on", {}).get(
                "nodes", []
            )
    missing = [
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and name not in found
    ]
    assert not missing


def test_only_staging_reads_sources(models):
    wrong = [
        name
        for name, model in models.items()
        if model["fqn"][1] != "staging"
        and any(node.startswith("source.") for node in model["depends_on"]["nodes"])
    ]
    assert not wrong


def test_prefixes_of_models_follow_their_folder(models):
    prefixes = {"stg_": "staging", "int_": "intermediate", "seg_": "segments"}
    wrong = [
        name
        for name, model in models.items()
        if prefixes.get(name[:4], model["fqn"][1]) != model["fqn"][1]
        or (
            model["fqn"][1] in ("intermediate", "segments") and name[:4] not in prefixes
        )
    ]
    assert not wrong


def test_nothing_runs_beside_the_models_but_checks_and_what_engines_want(manifest):
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    assert settings["on-run-start"] == [
        "{{ check_project_vars() }}",
        "{{ check_engine() }}",
        "{{ restore_replaced_tables() }}",
        "{{ check_raw_input() }}",
        "{{ check_history() }}",
        "{{ create_engine_functions() }}",
    ]
    assert "on-run-end" not in settings
    hooks = {
        hook["sql"]
        for node in manifest["nodes"].values()
        if node["package_name"] == PACKAGE
        for when in ("pre-hook", "post-hook")
        for hook in node["config"].get(when) or []
    }
    assert hooks == {"{{ before_build() }}", "{{ after_build() }}"}


# Macros


def test_every_macro_file_has_the_one_public_macro_of_its_name(macros):
    """An engine's version of a macro of dbt stands in a file of that macro's name."""
    wrong = []
    for path, found in macros.items():
        names = [macro["name"] for macro in found]
        stem = Path(path).stem
        is_of_dbt = any(name.endswith(f"__{stem}") for name in names)
        is_there = stem in names or is_of_dbt
        if not is_there or set(filter(is_public, names)) - {stem}:
            wrong.append(f"{path}: {', '.join(names)}")
    assert not wrong


def test_every_macro_of_an_engine_belongs_to_the_macro_of_its_file(macros):
    wrong = [
        macro["name"]
        for path, found in macros.items()
        for macro in found
        if "__" in macro["name"]
        and (
            macro["name"].partition("__")[2] != Path(path).stem
            or Path(path).parent.name != "engines"
        )
    ]
    assert not wrong


def test_every_macro_file_begins_with_a_comment_with_an_example_or_arguments():
    wrong = []
    for file in sql_files("macros"):
        header = re.match(r"\{#(.*?)#\}", file.read_text(), re.DOTALL)
        if not header or not re.search(r"\b(Example|Arguments):", header[1]):
            wrong.append(shown(file))
    assert not wrong


def signature(macro):
    """The arguments of a macro as its code has them, and whether it takes more."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    [parsed] = environment.parse(macro["macro_sql"]).find_all(jinja2.nodes.Macro)
    return [argument.name for argument in parsed.args], "varargs" in macro["macro_sql"]


def test_every_public_macro_is_documented_with_all_its_arguments(public_macros):
    wrong = []
    for macro in public_macros:
        arguments, takes_more = signature(macro)
        described = [a["name"] for a in macro["arguments"] if a["description"].strip()]
        untyped = [a["name"] for a in macro["arguments"] if not a["type"]]
        if not macro["patch_path"] or not macro["description"].strip():
            wrong.append(f"{macro['name']}: not in a _macros.yml")
        elif described[: len(arguments)] != arguments:
            wrong.append(f"{macro['name']}: {described} instead of {arguments}")
        elif len(described) > len(arguments) and not takes_more:
            wrong.append(f"{macro['name']}: has no {described[len(arguments) :]}")
        elif untyped:
            wrong.append(f"{macro['name']}: no type of {untyped}")
    assert not wrong


# SQL


def elsewhere_than_engines():
    files = sql_files("models", "macros", "tests", "analyses")
    return [file for file in files if file.parent != ROOT / "macros" / "engines"]


@pytest.mark.parametrize(
    "pattern", [ENGINE_CALL, ENGINE_SYNTAX], ids=["call", "syntax"]
)
def test_what_only_some_engines_know_is_in_macros_engines(pattern):
    assert not violations(elsewhere_than_engines(), pattern)


def test_only_load_date_reads_a_clock():
    files = sql_files("models", "macros", "tests", "analyses")
    clock = ROOT / "macros" / "project" / "load_date.sql"
    assert violations([clock], CLOCK)
    assert not violations([file for file in files if file != clock], CLOCK)


def test_lines_of_sql_have_at_most_88_characters():
    wrong = [
        f"{shown(file)}:{number}: {len(line)}"
        for file in sql_files("models", "tests", "macros")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if len(line) > LINE_LENGTH
    ]
    assert not wrong


# Copies that must agree


@pytest.fixture(scope="module")
def contract_in_sql(whole_project):
    tables = "{'events': raw_contract('events'), 'users': raw_contract('users')}"
    return json.loads(whole_project.rendered(f"{{{{ tojson({tables}) }}}}"))


@pytest.mark.parametrize("table", ["events", "users"])
def test_the_raw_contract_is_the_same_in_sql_and_python(table, contract_in_sql):
    families = {
        "varchar": "text",
        "timestamp": "timestamp",
        "date": "date",
        "boolean": "boolean",
        "integer": "number",
        "decimal(18,4)": "number",
    }
    in_python = raw_contract.CONTRACT[table]
    assert {column["name"]: column["type"] for column in contract_in_sql[table]} == {
        name: families[kind] for name, kind in in_python.items()
    }
    assert [column["name"] for column in contract_in_sql[table]] == list(in_python)


@pytest.mark.parametrize("table", ["events", "users"])
def test_the_raw_contract_is_the_same_in_the_source_and_python(table, manifest):
    [source] = [
        source for source in manifest["sources"].values() if source["name"] == table
    ]
    columns = {name: column["data_type"] for name, column in source["columns"].items()}
    assert list(columns.items()) == list(raw_contract.CONTRACT[table].items())


@pytest.fixture(scope="module")
def rfm_lines():
    with (ROOT / "seeds" / "rfm_segments.csv").open() as file:
        lines = list(csv.DictReader(file))
    return sorted(lines, key=lambda line: int(line["position"]))


def test_every_rfm_score_has_a_segment_and_every_line_wins_somewhere(rfm_lines):
    def winner(scores):
        for line in rfm_lines:
            if all(
                int(line[f"{name}_from"]) <= score <= int(line[f"{name}_to"])
                for name, score in zip(
                    ("recency", "frequency", "monetary"), scores, strict=True
                )
            ):
                return line["segment"]

    winners = {
        scores: winner(scores) for scores in itertools.product(range(1, 6), repeat=3)
    }
    assert len(winners) == 125
    assert [scores for scores, segment in winners.items() if segment is None] == []
    assert [line["segment"] for line in rfm_lines] == sorted(
        set(winners.values()), key=[line["segment"] for line in rfm_lines].index
    )


def test_the_version_of_the_project_is_the_same_everywhere():
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = {settings["version"], package["version"]}
    changelog = ROOT / "CHANGELOG.md"
    if changelog.exists():
        versions.add(
            re.search(r"^##\s.*?(\d+\.\d+\.\d+)", changelog.read_text(), re.M)[1]
        )
    assert versions == {settings["version"]}


def test_the_oldest_python_is_the_same_everywhere():
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())
    oldest = ".".join(map(str, bootstrap.OLDEST))
    assert package["project"]["requires-python"] == f">={oldest}"
    assert package["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


# Files


def project_files():
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


PRIVATE = re.compile(
    r"pypi[.]org|pythonhosted[.]org|hub[.]getdbt[.]com|artifactor[y]|index-ur[l]"
    r"|(?<![\w.~-])/(home|Users|root|work)/\w",
    re.IGNORECASE,
)


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    wrong = []
    for file in project_files():
        if file.is_file() and b"\0" not in file.read_bytes():
            text = file.read_text()
            wrong += [f"{shown(file)}: {match[0]}" for match in PRIVATE.finditer(text)]
            wrong += [shown(file)] if str(ROOT) in text else []
    assert not wrong
