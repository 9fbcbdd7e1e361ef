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
from engines import ENGINES, RAW_SCHEMA, DuckDB
from project.paths import ROOT
from raw_contract import CONTRACT
from row_parity import differences
from table_comparison import relations_of

pytest_plugins = "dbt_project"

# A zone with daylight saving time, so that days and hours are those of the zone.
VARIABLES = {
    "time_zone": "America/Los_Angeles",
    "load_date": "2100-01-01",
    "snapshot_count": 2,
}
CHOSEN = os.environ.get("USER_SEGMENTATION_ENGINES", "").split()
"""The engines that have to be there, named by `scripts/test --engines`."""


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
    if CHOSEN and engine.name not in CHOSEN:
        pytest.skip(f"not among the engines chosen: {', '.join(CHOSEN)}")
    if reason := engine.why_not():
        if CHOSEN:
            pytest.fail(reason)
        pytest.skip(reason)
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
