"""scripts/costs: the seconds and rows of a build, and what it says when there is none."""

import csv
import json

import duckdb
import pytest

from project import command_costs, costs, environment
from project.console import OK, WRONG_USE

MODEL = {"resource_type": "model", "schema": "s", "depends_on": {"nodes": []}}
NODES = {
    "model.stg": MODEL | {"name": "stg_a", "alias": "stg_a", "fqn": ["p", "staging", 1]},
    "model.seg": MODEL
    | {"name": "seg_value", "alias": "seg_value", "fqn": ["p", "segments", 1]},
    "seed.names": {
        "resource_type": "seed",
        "name": "names",
        "schema": "s",
        "alias": "names",
        "depends_on": {"macros": []},
    },
    "test.key": {
        "resource_type": "test",
        "name": "key_of_value",
        "attached_node": "model.seg",
        "depends_on": {"nodes": ["model.seg", "model.stg"]},
    },
    "test.both": {
        "resource_type": "test",
        "name": "assert_both",
        "attached_node": None,
        "depends_on": {"nodes": ["model.seg", "model.stg"]},
    },
}
SECONDS = {
    "model.stg": 6.0,
    "model.seg": 2.0,
    "seed.names": 0.5,
    "test.key": 0.5,
    "test.both": 1.0,
}


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    results = [
        {"unique_id": name, "status": "success", "execution_time": seconds}
        for name, seconds in SECONDS.items()
    ]
    # A hook of a package that the manifest has no more.
    results.append({"unique_id": "operation.x", "status": "success"})
    (folder / "run_results.json").write_text(
        json.dumps(
            {
                "metadata": {"invocation_started_at": "2026-05-01T10:20:30.5Z"},
                "elapsed_time": 7.5,
                "results": results,
            }
        )
    )
    (folder / "manifest.json").write_text(json.dumps({"nodes": NODES, "unit_tests": {}}))
    return folder


@pytest.fixture
def warehouse(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema s")
        connection.execute("create view s.stg_a as select 1 as a")
        connection.execute("create table s.seg_value as from range(1234)")
        connection.execute("create table s.names as from range(3)")
    return file


@pytest.fixture
def run(monkeypatch, capsys, target, warehouse):
    """Run the command on that build: its exit code, and what it printed."""
    monkeypatch.setattr(environment, "enter", lambda: None)

    def run(*arguments):
        code = command_costs.main(
            ["--target-path", str(target), "--warehouse", str(warehouse), *arguments]
        )
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_every_node_has_its_seconds_and_every_table_its_rows(target, warehouse):
    build = costs.read(warehouse, target)
    assert (build.elapsed, build.seconds) == (7.5, 10.0)
    found = {node.name: node for node in build.nodes}
    assert {name: node.seconds for name, node in found.items()} == {
        NODES[name]["name"]: seconds for name, seconds in SECONDS.items()
    }
    # A view has no rows of its own, nor has a test.
    assert {name: node.rows for name, node in found.items()} == {
        "stg_a": None,
        "seg_value": 1234,
        "names": 3,
        "key_of_value": None,
        "assert_both": None,
    }


def test_a_test_belongs_to_the_model_that_it_is_written_at(target, warehouse):
    found = {node.name: node for node in costs.read(warehouse, target).nodes}
    assert found["key_of_value"].layer == "segments"
    assert found["key_of_value"].segmentation == "value"
    assert found["assert_both"].layer == found["names"].layer == ""


def test_what_is_printed(run):
    code, said = run()
    assert code == OK
    lines = [line.split() for line in said.splitlines()]
    assert ["staging", "1", "6.0", "60.0", "%", "0", "0.0"] in lines
    assert ["segments", "1", "2.0", "25.0", "%", "1", "0.5"] in lines
    assert ["value", "2.00", "20.0", "%", "1,234", "1", "0.50"] in lines
    assert said.index("stg_a  ") < said.index("seg_value  ") < said.index("assert_both ")
    assert "2026-05-01 10:20:30 UTC: 5 nodes in 7.5 s" in said


def test_all_of_it_as_csv(run, tmp_path):
    file = tmp_path / "costs.csv"
    assert run("--csv", str(file))[0] == OK
    with file.open(newline="") as rows:
        rows = {row["name"]: row for row in csv.DictReader(rows)}
    assert len(rows) == 5
    assert rows["seg_value"] == {
        "started_at": "2026-05-01T10:20:30.5Z",
        "name": "seg_value",
        "kind": "model",
        "layer": "segments",
        "segmentation": "value",
        "status": "success",
        "seconds": "2.0",
        "rows": "1234",
    }


def test_without_a_build_it_says_how_to_make_one(run, target):
    (target / "run_results.json").unlink()
    code, said = run()
    assert code == WRONG_USE
    assert "no build has left its files there" in said and "--target-path" in said


def test_half_a_file_is_told_apart(run, target):
    (target / "manifest.json").write_text('{"nodes": ')
    code, said = run()
    assert code == WRONG_USE
    assert "manifest.json is no JSON" in said


def test_without_a_warehouse_it_says_so(run, warehouse):
    warehouse.unlink()
    code, said = run()
    assert code == WRONG_USE
    assert "There is no warehouse" in said


def test_a_warehouse_that_cannot_be_read_is_told(run, warehouse):
    warehouse.write_bytes(b"x" * 8192)
    code, said = run()
    assert code == WRONG_USE
    assert "cannot be read now" in said
