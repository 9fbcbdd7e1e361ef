"""Publish the public tables of a good build in a file of their own.

DuckDB locks the warehouse while it is built, and until the end it is half-built. So
readers get another file. It is written beside its goal and then takes its place in one
step: who opens it sees one whole build, who has it open keeps the one before.
"""

import json
import os
import shutil
from pathlib import Path

import duckdb

from project import hints
from project.console import Problem, counted, say, step
from project.locks import exclusive

GOOD_STATUSES = ("success", "pass", "warn", "no-op")
BUILD_TABLE = """
create table main.build as
select
    $invocation_id as invocation_id,
    cast($table_count as bigint) as table_count,
    cast($row_count as bigint) as row_count,
    cast($generated_at as timestamp) as generated_at
"""
BUILD_DESCRIPTION = "One row: the build that all tables of this file come from."
BUILD_COLUMNS = {
    "invocation_id": "The id that dbt gave to the build",
    "table_count": "How many tables were published, without this one",
    "row_count": "How many rows these tables have together",
    "generated_at": "When the build ended, in UTC",
}


def publish(warehouse: Path, target: Path, goal: Path):
    """Publish the build in `warehouse`, with dbt's files in `target`, as `goal`."""
    if not warehouse.exists():
        raise Problem(f"Not published: there is no warehouse {warehouse}. Build first.")
    if goal.resolve() == warehouse.resolve():
        raise Problem(f"Not published: {goal} is the warehouse itself.")
    # DuckDB names a database like its file, and no two alike; warehouse and goal may be
    # called alike.
    temporary = goal.with_name(f".publishing-{goal.name}.new")
    with exclusive(goal.with_name(f".{goal.name}.lock"), when_busy=say_waiting):
        # A publish that was killed leaves its files behind.
        remove(temporary)
        try:
            if write(temporary, warehouse, target, goal):
                replace(temporary, goal)
        except duckdb.Error as error:
            hint = hints.find(str(error))
            raise Problem(f"Not published: {hint.text if hint else error}") from None
        finally:
            remove(temporary)


def write(temporary, warehouse, target, goal):
    """Write what is to be published, unless it is already."""
    with duckdb.connect(str(temporary)) as connection:
        source = attach(connection, warehouse)
        # From here on no build can begin, so files and tables are of the same one.
        manifest, run_results = (
            read(target / f"{name}.json") for name in ("manifest", "run_results")
        )
        check_build(manifest, run_results, target)
        metadata = run_results["metadata"]
        if published_build(goal) == metadata["invocation_id"]:
            say(f"{goal} is of this build already: nothing to publish.")
            return False
        models = public_models(manifest)
        check_tables(connection, source, models)
        with step(f"Publishing {counted(len(models), 'table')} in {goal}"):
            row_count = sum(copy(connection, source, model) for model in models)
            describe_build(connection, metadata, len(models), row_count)
            # On closing, DuckDB does it too, but is silent about an error (full disk).
            connection.execute("checkpoint")
    return True


def attach(connection, warehouse):
    """Open the warehouse for reading; returns the name that DuckDB gives it.

    It is the name that dbt built with, which the warehouse's views refer to.
    """
    connection.execute(f"attach {text(warehouse)} (read_only)")
    [(name,)] = connection.execute(
        "select database_name from duckdb_databases() "
        "where not internal and database_name <> current_database()"
    ).fetchall()
    return name


def read(file):
    """One of the files that dbt writes about a command."""
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        raise Problem(
            f"Not published: there is no {file}. Build first, or name the folder with "
            "dbt's files (--target-path; a plain dbt build has them in target)."
        ) from None
    except ValueError:
        raise Problem(f"Not published: {file} is damaged. Build again.") from None


def check_build(manifest, run_results, target):
    """Refuse unless dbt's last command was a whole build that went well."""
    # dbt writes the manifest at the start of a command, the results at its end.
    begun, ended = (
        file["metadata"]["invocation_id"] for file in (manifest, run_results)
    )
    if begun != ended:
        raise Problem(
            f"Not published: after the build in {target} another command of dbt began, "
            "which still runs, was stopped, or built nothing. Build again."
        )
    command = run_results["args"]["which"]
    if command != "build":
        raise Problem(
            f"Not published: the last command of dbt in {target} was {command}, and "
            "only a build is published. Build again."
        )
    ends = {result["unique_id"]: result["status"] for result in run_results["results"]}
    check_ends(ends, manifest["nodes"] | manifest["unit_tests"])
    check_selection(ends, manifest)


def check_ends(ends, nodes):
    """Refuse a build in which a node failed or was skipped, and name who failed."""
    bad = {node: end for node, end in ends.items() if end not in GOOD_STATUSES}
    if not bad:
        return
    words = [
        f"{nodes[node]['resource_type']} {nodes[node]['name']} ({end})"
        for node, end in bad.items()
        if end != "skipped"
    ]
    skipped = len(bad) - len(words)
    words += [f"{skipped} skipped"] if skipped else []
    raise Problem(f"Not published: the last build failed: {', '.join(words)}.")


def check_selection(ends, manifest):
    """Refuse a selection that leaves public tables behind the ones they come from."""
    below = set()
    to_visit = list(ends)
    while to_visit:
        children = set(manifest["child_map"].get(to_visit.pop(), ())) - below
        below |= children
        to_visit += children
    behind = [
        model["name"]
        for model in public_models(manifest)
        if model["unique_id"] in below - ends.keys()
    ]
    if behind:
        raise Problem(
            f"Not published: {', '.join(behind)} would not fit the tables that were "
            "built, which they come from. Build them too (--select NAME+), or build "
            "all."
        )


def published_build(goal):
    """The id of the build that is published; None without a readable one."""
    try:
        with duckdb.connect(str(goal), read_only=True) as connection:
            [(invocation_id,)] = connection.execute(
                "select invocation_id from main.build"
            ).fetchall()
    except duckdb.Error:
        return None
    return invocation_id


def public_models(manifest):
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    ]


def check_tables(connection, source, models):
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = $1 "
        "union all "
        "select schema_name, view_name from duckdb_views() where database_name = $1",
        [source],
    ).fetchall()
    missing = [
        f"{model['schema']}.{model['alias']}"
        for model in models
        if (model["schema"], model["alias"]) not in found
    ]
    if missing:
        raise Problem(
            f"Not published: the warehouse lacks {', '.join(missing)}. Build all."
        )


def copy(connection, source, model):
    """Copy the table of a model and describe it; returns its number of rows.

    Its schema is the one that the model configures (facts, drift), which in the targets
    of developers has a prefix.
    """
    schema = name(model["config"]["schema"] or model["schema"])
    table = f"{schema}.{name(model['alias'])}"
    origin = ".".join(map(name, (source, model["schema"], model["alias"])))
    connection.execute(f"create schema if not exists {schema}")
    [(row_count,)] = connection.execute(
        f"create table {table} as select * from {origin}"
    ).fetchall()
    columns = {
        column["name"]: column["description"] for column in model["columns"].values()
    }
    describe(connection, table, model["description"], columns)
    return row_count


def describe(connection, table, description, columns):
    """Comment on a table and on those of the described columns that it has.

    The columns of user_segments follow the segmentations that are switched on.
    """
    connection.execute(f"comment on table {table} is {text(description.strip())}")
    for column, *_ in connection.execute(f"describe {table}").fetchall():
        if column in columns:
            connection.execute(
                f"comment on column {table}.{name(column)} is "
                f"{text(columns[column].strip())}"
            )


def describe_build(connection, metadata, table_count, row_count):
    """Make the table that tells which build this is.

    It stands in the schema main: in a file published.duckdb a schema published would be
    ambiguous, while published.build is found so.
    """
    connection.execute(
        BUILD_TABLE,
        {
            "invocation_id": metadata["invocation_id"],
            "table_count": table_count,
            "row_count": row_count,
            "generated_at": metadata["generated_at"],
        },
    )
    describe(connection, "main.build", BUILD_DESCRIPTION, BUILD_COLUMNS)


def replace(temporary, goal):
    """Put a file in the place of another in one step that survives a power cut."""
    # A reader that could write would change what the others see.
    temporary.chmod(0o444)
    sync(temporary)
    os.replace(temporary, goal)
    sync(goal.parent)


def sync(path):
    """Wait until a file, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(temporary):
    """Remove a temporary file and what DuckDB puts beside it: .wal, the folder .tmp."""
    for path in list(temporary.parent.iterdir()):
        if path.name.startswith(temporary.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def say_waiting(process_id):
    say(f"Process {process_id} is publishing; waiting for it")


def name(word):
    """An SQL name."""
    return '"' + word.replace('"', '""') + '"'


def text(value):
    """An SQL text."""
    return "'" + str(value).replace("'", "''") + "'"
