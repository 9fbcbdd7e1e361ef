"""The same results on every engine, row by row.

The whole project is built on DuckDB and on each other engine from the same raw
relations, in two builds: all but the last day, then that day. Then every table and view
is compared, in both directions. parity_data.py says what is in the relations, and which
rules are evaluated besides those of the project.
"""

import os

import pytest
import yaml

import parity_data
from engine_probes import COVERED_BY, PROBES
from engines import ENGINES, RAW_SCHEMA, SCHEMA, DuckDB
from project.paths import ROOT
from raw_contract import CONTRACT
from row_parity import differences
from table_comparison import TELL_OF_ONE_BUILD, relations_of
from test_semantics_cases import CASES

pytest_plugins = "dbt_project"

# A zone with daylight saving time, so that days and hours are those of the zone.
VARIABLES = {
    "time_zone": "America/Los_Angeles",
    "load_date": "2100-01-01",
    "snapshot_count": 2,
}
BETWEEN = "\n---- the next probe\n"
CHOSEN = os.environ.get("USER_SEGMENTATION_ENGINES", "").split()
"""Names of engines that have to be there, or `all` for those that this machine has."""


@pytest.fixture(scope="session")
def raw_parts(tmp_path_factory):
    return parity_data.parts(tmp_path_factory.mktemp("shop") / "raw")


@pytest.fixture(scope="session")
def make_project(copy_project):
    """Return what copies the project with the segmentations of the cases."""
    shipped = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    names = shipped["vars"]["user_segmentation"]["segmentations"]

    def make(name):
        added = parity_data.segmentations()
        project = copy_project(
            name, raw_schema=RAW_SCHEMA, segmentations=[*names, *added]
        )
        for segmentation, definition in added.items():
            file = f"models/segments/seg_{segmentation}.sql"
            project.write(file, parity_data.model(definition))
        return project

    return make


@pytest.fixture(scope="session")
def built(make_project, raw_parts, tmp_path_factory):
    """Return what builds the project twice on an engine that has been started."""

    def build(engine):
        project = make_project(f"parity_{engine.name}")
        project.target, project.environment = engine.target, engine.environment
        project.parse()
        days = (parity_data.DAY_BEFORE, parity_data.LAST_DAY)
        for part, day in zip(raw_parts, days, strict=True):
            engine.load("events", list(CONTRACT["events"]), part.events)
            engine.load("users", list(CONTRACT["users"]), part.users)
            answer = project.build(as_of_date=day, **VARIABLES)
            assert answer.succeeded, f"{engine.name}, build of {day}:\n{answer.error}"
        return project

    return build


@pytest.fixture(scope="session")
def duckdb_engine(built, tmp_path_factory):
    engine = DuckDB()
    with engine.started(tmp_path_factory.mktemp("duckdb")):
        engine.project = built(engine)
        yield engine


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request, built, tmp_path_factory):
    """An engine on which the project has been built twice."""
    engine = request.param()
    if engine.name not in CHOSEN and "all" not in CHOSEN:
        pytest.skip(f"not asked for: scripts/test --engines {engine.name}")
    if reason := engine.why_not():
        (pytest.fail if engine.name in CHOSEN else pytest.skip)(reason)
    with engine.started(tmp_path_factory.mktemp(engine.name)):
        engine.project = built(engine)
        yield engine


def test_every_table_has_the_same_rows(engine, duckdb_engine, closing_lines):
    wrong, rows, relations = [], 0, relations_of(duckdb_engine.project.manifest)
    for schema, name in relations:
        expected = duckdb_engine.table(schema, name)
        found = differences(expected, engine.table(schema, name))
        wrong += [f"{schema}.{name}", *(f"  {line}" for line in found)] if found else []
        rows += len(expected.rows)
    assert not wrong, "\n".join(wrong)
    closing_lines.append(
        f"{engine.name} and duckdb: {rows:,} rows of {len(relations)} tables and views "
        "compared, 0 differ"
    )


def probed(engine):
    """The answers to all probes; they are compiled in one command."""
    queries = engine.project.rendered(BETWEEN.join(PROBES.values())).split(BETWEEN)
    return dict(zip(PROBES, map(engine.query, queries), strict=True))


def test_what_engines_disagree_about_is_evened_out(engine, duckdb_engine):
    expected, found = probed(duckdb_engine), probed(engine)
    wrong = {name: differences(expected[name], found[name]) for name in PROBES}
    assert {name: lines for name, lines in wrong.items() if lines} == {}
    assert all(answer.rows for answer in expected.values())


def test_every_trap_has_cases_among_the_rules_that_are_built():
    """No engine is needed to see that the list of traps names what there is."""
    with_cases = {case.place.split(":")[0] for case in CASES}
    named = {name for names in COVERED_BY.values() for name in names}
    assert named <= with_cases
    assert all(COVERED_BY.values())


def test_without_news_a_build_leaves_every_table_as_it_is(engine):
    """Last, since it builds a third time."""
    project = engine.project
    kept = [
        (schema, name)
        for schema, name in relations_of(project.manifest)
        if f"{schema.removeprefix(f'{SCHEMA}_')}.{name}" not in TELL_OF_ONE_BUILD
    ]

    def state():
        counts = [
            engine.query(f"select count(*) as row_count from {schema}.{name}").rows
            for schema, name in kept
        ]
        published = f"{SCHEMA}_publication"
        return counts, sorted(engine.table(published, "published_snapshots").rows)

    before = state()
    answer = project.build(as_of_date=parity_data.LAST_DAY, **VARIABLES)
    assert answer.succeeded, answer.error
    assert state() == before
