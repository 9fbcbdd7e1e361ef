"""Readers of the published file see one whole build at any time, and no error.

The warehouse that scripts/test built is one state; the other is built here from the
same raw data with fewer snapshot dates, while a reader reads.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from project import (
    command_publish,
    command_run,
    console,
    data_sets,
    environment,
    locks,
    publish,
)
from project.console import Problem
from project.paths import ROOT

pytest_plugins = "dbt_project"

READER = """
import sys, time
from pathlib import Path
import duckdb

def read(connection):
    def value(query):
        return connection.execute(query).fetchone()[0]

    tables = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name <> 'main'"
    ).fetchall()
    rows = sum(value(f"select count(*) from {table}") for table, in tables)
    build, *counts = connection.execute(
        "select invocation_id, table_count, row_count from build"
    ).fetchone()
    assert counts == [len(tables), rows], (counts, len(tables), rows)
    assert value(
        '''
        with counts as (
            select as_of_date, segmentation, segment, count(*) as user_count
            from memberships.segment_memberships
            group by all
        )
        select count(*)
        from drift.segment_sizes as sizes
        full join counts using (as_of_date, segmentation, segment)
        where coalesce(sizes.user_count, 0) <> coalesce(counts.user_count, 0)
        '''
    ) == 0
    return build

published, stop = map(Path, sys.argv[1:])
while True:
    is_last = stop.exists()
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            print(read(connection), flush=True)
    except Exception as error:
        print("error", repr(error), flush=True)
    if is_last:
        break
    # Without a pause it would take a core from the build that it reads beside.
    time.sleep(0.03)
"""


@dataclass(frozen=True)
class State:
    """A built warehouse with dbt's files."""

    warehouse: Path
    target: Path

    def file(self, name):
        return json.loads((self.target / f"{name}.json").read_text())

    @property
    def build(self):
        return self.file("run_results")["metadata"]["invocation_id"]

    @property
    def public(self):
        """The public models by schema and name in production."""
        return {
            (node["schema"], node["alias"]): node
            for node in self.file("manifest")["nodes"].values()
            if node["resource_type"] == "model" and node["access"] == "public"
        }

    def publish(self, goal):
        publish.publish(self.warehouse, self.target, goal)

    def publishing(self, goal, before=""):
        """Run scripts/publish.py in a process, after Python code that prepares it."""
        program = (
            f"import os, signal, sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
            "from project import command_publish, environment, publish\n"
            # This Python has all that is needed, whichever environment it is of.
            "environment.enter = lambda: None\n"
            f"{before}\n"
            "sys.exit(command_publish.main(sys.argv[1:]))\n"
        )
        places = ("--warehouse", self.warehouse, "--target-path", self.target)
        return subprocess.Popen(
            [sys.executable, "-c", program, *map(str, places), "--to", str(goal)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def ended(process, code):
    """What a process prints on both channels, when it ends with this code."""
    told = "".join(process.communicate(timeout=60))
    assert process.returncode == code, told
    return told


@dataclass(frozen=True)
class Reads:
    """What a reading process has seen so far."""

    file: Path

    @property
    def errors(self):
        lines = self.file.read_text().splitlines()
        return [line for line in lines if line.startswith("error")]

    @property
    def builds(self):
        """How often each build was read, whole."""
        lines = self.file.read_text().splitlines()
        return Counter(line for line in lines if not line.startswith("error"))


@contextmanager
def reading(goal):
    """Let a process read again and again, at least once; yields what it sees."""
    reads = Reads(goal.parent.with_name("reads"))
    stop = goal.parent.with_name("stop")
    stop.unlink(missing_ok=True)
    with (
        reads.file.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-c", READER, goal, stop], stdout=output
        ) as process,
    ):
        try:
            yield reads
        finally:
            stop.touch()
            process.wait(timeout=60)


def build_read(goal):
    """The build that a new reader sees, whole."""
    with reading(goal) as reads:
        pass
    assert reads.errors == []
    [build] = reads.builds
    return build


def read_while_publishing(goal, states, publish, enough):
    """Publish states in turn until a reader has read each of them often enough."""
    publish(states[0])
    with reading(goal) as reads:
        for state in (*states[1:], states[0]) * 60:
            publish(state)
            if min(reads.builds[state.build] for state in states) >= enough:
                break
    assert reads.errors == []
    assert reads.builds.keys() == {state.build for state in states}
    assert min(reads.builds.values()) >= enough


def left_over(goal):
    """What is beside the published file and its lock."""
    known = (goal.name, f".{goal.name}.lock")
    return [path.name for path in goal.parent.iterdir() if path.name not in known]


@pytest.fixture(scope="module")
def first(warehouse):
    """The build of scripts/test."""
    return State(
        Path(os.environ["USER_SEGMENTATION_TEST_WAREHOUSE"]),
        Path(os.environ["USER_SEGMENTATION_TEST_TARGET"]),
    )


@pytest.fixture(scope="module")
def build_beside_reader(first, copy_project):
    """A second build, into a new warehouse, and what was read beside it meanwhile."""
    project = copy_project("second", snapshot_count=3)
    project.raw.symlink_to(ROOT / "data" / "test" / "raw")
    goal = project.folder / "readers" / "published.duckdb"
    ended(first.publishing(goal), console.OK)
    with reading(goal) as reads:
        answer = project.dbt("build", "--exclude-resource-types", "test", "unit_test")
    assert answer.succeeded, answer.error
    return State(project.warehouse, project.folder / "target"), reads


# Small builds, in the schemas of a developer


def node(kind, name, schema=None, **more):
    return {
        "unique_id": f"{kind}.p.{name}",
        "resource_type": kind,
        "name": name,
        "alias": name,
        "schema": f"dev_ana_{schema}",
        "config": {"schema": schema},
        "access": "public",
        "description": "One row per shop's day.\n",
        "columns": {},
    } | more


NODES = [
    node("seed", "catalog", "reference"),
    node("model", "hidden", "memberships", access="protected"),
    node("model", "segment_memberships", "memberships"),
    node("model", "segment_sizes", "drift"),
    node("test", "sizes_are_positive"),
]
FLOW = [node["unique_id"] for node in NODES[:-1]]


def write_files(state, build, ends=None, command="build", later=None):
    """Write dbt's files: ends of nodes, and a command that began after the build."""
    usual = {node["unique_id"]: "success" for node in NODES}
    metadata = {"invocation_id": build, "generated_at": "2026-07-01T00:00:00.5Z"}
    files = {
        "manifest": {
            "metadata": metadata | ({"invocation_id": later} if later else {}),
            "nodes": {node["unique_id"]: node for node in NODES},
            "unit_tests": {},
            "child_map": {node: [child] for node, child in itertools.pairwise(FLOW)},
        },
        "run_results": {
            "metadata": metadata,
            "args": {"which": command},
            "results": [
                {"unique_id": name, "status": end}
                for name, end in (ends or usual).items()
            ],
        },
    }
    state.target.mkdir(exist_ok=True)
    for name, content in files.items():
        (state.target / f"{name}.json").write_text(json.dumps(content))


def small_state(folder, build, user_count):
    folder.mkdir()
    state = State(folder / "warehouse.duckdb", folder / "target")
    with duckdb.connect(str(state.warehouse)) as connection:
        connection.execute(
            f"""
            create schema dev_ana_memberships;
            create schema dev_ana_drift;
            create table dev_ana_memberships.segment_memberships as
            select
                date '2026-06-30' as as_of_date,
                md5(cast(i as varchar)) as user_id,
                'lifecycle' as segmentation,
                'segment_' || i % 7 as segment
            from range({user_count}) as t(i);
            create view dev_ana_drift.segment_sizes as
            select as_of_date, segmentation, segment, count(*) as user_count
            from dev_ana_memberships.segment_memberships
            group by all
            """
        )
    write_files(state, build)
    return state


@pytest.fixture
def old(tmp_path):
    return small_state(tmp_path / "old", "b1", user_count=1000)


@pytest.fixture
def new(tmp_path):
    return small_state(tmp_path / "new", "b2", user_count=100_000)


@pytest.fixture
def goal(tmp_path):
    return tmp_path / "readers" / "published.duckdb"


# What is published


@pytest.fixture(scope="module")
def published(first, warehouse, tmp_path_factory):
    """The warehouse with the file published from it, as `published`."""
    goal = tmp_path_factory.mktemp("published") / "published.duckdb"
    told = ended(first.publishing(goal), console.OK)
    assert f"Publishing {len(first.public)} tables in {goal}" in told
    assert left_over(goal) == []
    warehouse.execute(f"attach '{goal}' as published (read_only)")
    yield warehouse
    warehouse.execute("detach published")


def test_every_public_model_is_a_plain_table_and_nothing_else_is_there(
    first, published
):
    found = published.execute(
        "select table_schema, table_name, table_type from information_schema.tables "
        "where table_catalog = 'published'"
    ).fetchall()
    expected = {(*table, "BASE TABLE") for table in first.public}
    assert set(found) == expected | {("main", "build", "BASE TABLE")}


def test_every_table_has_the_columns_and_rows_of_the_warehouse(first, published):
    for schema, table in first.public:
        ours, theirs = (
            f"{database}.{schema}.{table}" for database in ("warehouse", "published")
        )
        columns = [
            published.execute(f"describe {name}").fetchall() for name in (ours, theirs)
        ]
        names_and_types = [[column[:2] for column in side] for side in columns]
        assert names_and_types[0] == names_and_types[1]
        for one, other in ((ours, theirs), (theirs, ours)):
            rest = f"select count(*) from (from {one} except all from {other})"
            assert published.execute(rest).fetchone() == (0,), (one, other)


def test_every_table_and_column_bears_its_description(first, published):
    comments = {
        (schema, table, None): comment
        for schema, table, comment in published.execute(
            "select schema_name, table_name, comment from duckdb_tables() "
            "where database_name = 'published'"
        ).fetchall()
    } | {
        (schema, table, column): comment
        for schema, table, column, comment in published.execute(
            "select schema_name, table_name, column_name, comment "
            "from duckdb_columns() where database_name = 'published'"
        ).fetchall()
    }
    assert all(comments.values())
    for table, model in first.public.items():
        assert comments[*table, None] == model["description"].strip()
        for column in model["columns"].values():
            assert comments[*table, column["name"]] == column["description"].strip()


def test_the_table_build_tells_which_build_it_is(first, published):
    metadata = first.file("run_results")["metadata"]
    row_count = sum(
        published.execute(f"select count(*) from {schema}.{table}").fetchone()[0]
        for schema, table in first.public
    )
    found = published.execute(
        "select invocation_id, table_count, row_count, generated_at || 'Z' "
        "from published.build"
    ).fetchall()
    ended_at = metadata["generated_at"].replace("T", " ")
    assert found == [(first.build, len(first.public), row_count, ended_at)]


def test_the_schemas_of_a_developer_lose_their_prefix(old, goal):
    old.publish(goal)
    with duckdb.connect(str(goal), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() "
            "where schema_name <> 'main' order by all"
        ).fetchall()
    words = "One row per shop's day."
    assert found == [
        ("drift", "segment_sizes", words),
        ("memberships", "segment_memberships", words),
    ]


def test_the_published_file_can_not_be_written(old, goal):
    old.publish(goal)
    assert goal.stat().st_mode & 0o777 == 0o444


def test_an_unchanged_build_is_not_published_again(old, new, goal, capsys):
    old.publish(goal)
    before = goal.stat().st_ino
    assert "nothing to publish" not in capsys.readouterr().out
    old.publish(goal)
    assert capsys.readouterr().out == (
        f"{goal} is of this build already: nothing to publish.\n"
    )
    assert goal.stat().st_ino == before
    new.publish(goal)
    assert build_read(goal) == new.build


def test_a_published_file_that_is_damaged_is_replaced(old, goal):
    goal.parent.mkdir()
    goal.write_text("no database" * 1000)
    old.publish(goal)
    assert build_read(goal) == old.build


@pytest.mark.parametrize("name", ["warehouse.duckdb", "drift.duckdb", "it's.duckdb"])
def test_the_goal_may_have_any_name(old, goal, name):
    old.publish(goal.with_name(name))
    with duckdb.connect() as connection:
        path = str(goal.with_name(name)).replace("'", "''")
        connection.execute(f"attach '{path}' as shop (read_only)")
        assert connection.execute("from shop.drift.segment_sizes").fetchall()


# Readers


def test_readers_see_the_last_state_while_a_build_runs(first, build_beside_reader):
    _, reads = build_beside_reader
    assert reads.errors == []
    assert reads.builds.keys() == {first.build}
    assert reads.builds[first.build] >= 20


def test_readers_see_one_whole_state_while_states_are_published(
    first, build_beside_reader, goal
):
    second, _ = build_beside_reader
    read_while_publishing(
        goal,
        [first, second],
        publish=lambda state: ended(state.publishing(goal), console.OK),
        enough=10,
    )


def test_readers_see_one_whole_state_while_it_changes_fast(old, new, goal):
    read_while_publishing(
        goal, [old, new], publish=lambda state: state.publish(goal), enough=20
    )


def test_an_open_reader_keeps_the_state_that_it_opened(old, new, goal):
    old.publish(goal)
    with duckdb.connect(str(goal), read_only=True) as connection:
        new.publish(goal)
        assert build_read(goal) == new.build
        tables = ("drift.segment_sizes", "memberships.segment_memberships")
        counts = [
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in tables
        ]
    assert counts == [7, 1000]


# What goes wrong while it is published


@pytest.mark.parametrize(
    "moment",
    ["publish.describe_build", "os.fsync", "os.replace"],
    ids=["between two tables", "before it is on disk", "before it is renamed"],
)
def test_a_killed_publish_leaves_the_published_file_whole(old, new, goal, moment):
    old.publish(goal)
    kill = f"{moment} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    ended(new.publishing(goal, kill), -signal.SIGKILL)
    assert left_over(goal)
    assert build_read(goal) == old.build
    new.publish(goal)
    assert left_over(goal) == []
    assert build_read(goal) == new.build


@pytest.mark.parametrize("moment", ["publish.copy", "publish.describe_build"])
def test_a_disk_that_gets_full_leaves_the_published_file_whole(old, new, goal, moment):
    """A limit of the file's size stands in for the disk, set behind one table or all.

    In the second case the checkpoint fails, of which DuckDB says nothing on closing.
    """
    old.publish(goal)
    temporary = goal.with_name(f".publishing-{goal.name}.new")
    fill = (
        "import resource\n"
        f"inner = {moment}\n"
        "def outer(*arguments):\n"
        "    answer = inner(*arguments)\n"
        f"    size = os.stat({str(temporary)!r}).st_size\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))\n"
        "    return answer\n"
        f"{moment} = outer"
    )
    told = ended(new.publishing(goal, fill), console.WRONG_USE)
    assert "Not published: " in told
    assert "the disk is full" in told
    assert left_over(goal) == []
    assert build_read(goal) == old.build


def test_a_second_publish_waits_for_the_first(old, goal):
    lock = goal.with_name(f".{goal.name}.lock")
    with locks.exclusive(lock, when_busy=pytest.fail):
        process = old.publishing(goal)
        waiting = process.stdout.readline()
        assert waiting == f"Process {os.getpid()} is publishing; waiting for it\n"
        assert not goal.exists()
    ended(process, console.OK)
    assert build_read(goal) == old.build


# What is refused


def refusal(state, goal):
    """Why a state is not published; what is published stays."""
    goal.parent.mkdir(exist_ok=True)
    goal.write_text("published before")
    with pytest.raises(Problem) as problem:
        state.publish(goal)
    assert goal.read_text() == "published before"
    assert left_over(goal) == []
    return str(problem.value)


def test_warnings_are_good_enough(old, goal):
    write_files(old, "b1", dict.fromkeys(FLOW, "success") | {"test.p.x": "warn"})
    old.publish(goal)
    assert build_read(goal) == "b1"


def test_a_failed_build_is_refused_and_names_who_failed(old, goal):
    ends = ["error", "skipped", "skipped", "skipped", "fail"]
    names = [node["unique_id"] for node in NODES]
    write_files(old, "b1", dict(zip(names, ends, strict=True)))
    told = refusal(old, goal)
    assert "seed catalog (error), test sizes_are_positive (fail), 3 skipped" in told


@pytest.mark.parametrize(
    ("built", "behind"),
    [
        (FLOW[:2], "segment_memberships, segment_sizes"),
        (FLOW[2:3], "segment_sizes"),
        ([FLOW[0], FLOW[2]], "segment_sizes"),
    ],
)
def test_a_selection_without_what_hangs_on_it_is_refused(old, goal, built, behind):
    write_files(old, "b1", dict.fromkeys(built, "success"))
    assert f"Not published: {behind} would not fit" in refusal(old, goal)


def test_a_selection_with_all_that_hangs_on_it_is_published(old, goal):
    write_files(old, "b1", dict.fromkeys(FLOW[2:], "success"))
    old.publish(goal)
    assert build_read(goal) == "b1"


def test_a_build_that_was_stopped_is_refused(old, goal):
    write_files(old, "b1", later="b2")
    assert "another command of dbt began" in refusal(old, goal)


@pytest.mark.parametrize("command", ["test", "compile"])
def test_a_command_that_builds_nothing_is_refused(old, goal, command):
    write_files(old, "b1", command=command)
    assert f"was {command}, and only a build is published" in refusal(old, goal)


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_missing_or_damaged_files_of_dbt_are_refused(old, goal, name):
    (old.target / name).write_text("{")
    assert f"target/{name} is damaged" in refusal(old, goal)
    (old.target / name).unlink()
    assert f"there is no {old.target / name}" in refusal(old, goal)


def test_a_missing_warehouse_is_refused(old, goal):
    old.warehouse.unlink()
    assert f"there is no warehouse {old.warehouse}" in refusal(old, goal)


def test_a_missing_table_is_refused_by_its_name(old, goal):
    with duckdb.connect(str(old.warehouse)) as connection:
        connection.execute("drop view dev_ana_drift.segment_sizes")
    assert "the warehouse lacks dev_ana_drift.segment_sizes" in refusal(old, goal)


def test_a_view_that_can_not_be_read_is_refused(old, goal, tmp_path):
    file = tmp_path / "sizes.csv"
    file.write_text("user_count\n7\n")
    with duckdb.connect(str(old.warehouse)) as connection:
        connection.execute(
            f"create or replace view dev_ana_drift.segment_sizes as from '{file}'"
        )
    file.unlink()
    assert "sizes.csv" in refusal(old, goal)


def test_the_warehouse_is_never_the_goal(old):
    before = old.warehouse.read_bytes()
    with pytest.raises(Problem, match="is the warehouse itself"):
        old.publish(old.warehouse.parent / "target" / ".." / old.warehouse.name)
    assert old.warehouse.read_bytes() == before


def test_a_warehouse_that_another_program_has_open_is_refused_and_names_it(old, goal):
    program = (
        f"import duckdb, sys; held = duckdb.connect({str(old.warehouse)!r})\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"open\n"
        told = refusal(old, goal)
    assert "warehouse.duckdb is open in another program" in told
    assert f"process {holder.pid}" in told


# scripts/publish.py and scripts/run


def test_options_go_before_the_files_of_the_data_set(tmp_path, monkeypatch):
    asked = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "end_at_once_when_interrupted", lambda: None)
    monkeypatch.setattr(environment, "enter", lambda: None)
    monkeypatch.setattr(publish, "publish", lambda *places: asked.append(places))
    assert command_publish.main(["--target-path", "target"]) == console.OK
    folder = Path("data", "demo")
    assert asked == [
        (folder / "warehouse.duckdb", tmp_path / "target", folder / "published.duckdb")
    ]
    assert Path.cwd() == ROOT


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs scripts/run on a build that ends so; returns which parts of it were run."""
    from project import build, summary

    def run(outcome):
        parts = []

        def part(name, answer=None):
            return lambda *_: parts.append(name) or answer

        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(console, "end_at_once_when_interrupted", lambda: None)
        monkeypatch.setattr(environment, "enter", lambda extras: None)
        monkeypatch.setattr(data_sets, "ROOT", tmp_path)
        monkeypatch.setattr(data_sets.DataSet, "load", part("load"))
        monkeypatch.setattr(build, "run", part("build", outcome))
        monkeypatch.setattr(build, "report", part("report"))
        monkeypatch.setattr(summary, "show", part("summary"))
        monkeypatch.setattr(publish, "publish", part("publish"))
        monkeypatch.setattr(summary, "show_queries", part("queries"))
        return command_run.main([]), parts

    return run


def test_a_good_build_is_published_before_it_is_told_where_the_tables_are(run):
    from project.build import Outcome

    code, parts = run(Outcome(True, ["a node"], None, Path("warehouse.duckdb")))
    assert code == console.OK
    assert parts == ["load", "build", "report", "summary", "publish", "queries"]


def test_a_failed_build_is_not_published(run):
    from project.build import Outcome

    code, parts = run(Outcome(False, [], ValueError("no"), Path("warehouse.duckdb")))
    assert code == console.FAILED
    assert parts == ["load", "build", "report"]
