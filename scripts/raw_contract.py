"""The raw input contract in one place for every script that writes raw data.

Two tables, `events` (one row per event delivery) and `users` (one row per user and
profile change), as Parquet files in one folder. The columns, their order and their
DuckDB types are those of the source definition in
`models/staging/_staging__sources.yml`; a test keeps the two equal.
"""

import os
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

EVENT_COLUMNS = {
    "event_id": "varchar",
    "event_name": "varchar",
    "occurred_at": "timestamp",
    "received_at": "timestamp",
    "user_id": "varchar",
    "anonymous_id": "varchar",
    "revenue": "decimal(18,4)",
    "quantity": "integer",
    "platform": "varchar",
    "device_type": "varchar",
    "os": "varchar",
    "browser": "varchar",
    "app_version": "varchar",
    "country": "varchar",
    "city": "varchar",
    "campaign_id": "varchar",
    "properties": "varchar",
}
"""Columns of raw `events`: name to DuckDB type. `properties` is JSON as text."""

USER_COLUMNS = {
    "user_id": "varchar",
    "updated_at": "timestamp",
    "signed_up_at": "timestamp",
    "first_name": "varchar",
    "email": "varchar",
    "gender": "varchar",
    "country": "varchar",
    "city": "varchar",
    "language": "varchar",
    "plan": "varchar",
    "company": "varchar",
    "industry": "varchar",
    "birth_date": "date",
    "company_size": "integer",
    "marketing_consent": "boolean",
    "traits": "varchar",
}
"""Columns of raw `users`: name to DuckDB type. `traits` is JSON as text."""

CONTRACT = {"events": EVENT_COLUMNS, "users": USER_COLUMNS}
"""The raw tables: name to columns."""

PROJECT = Path(__file__).resolve().parent.parent

TOP_EVENTS = 10


class RawInputError(Exception):
    """What a user of a loader can put right; its text says how."""


def raw_folder(data_set):
    """Return the folder of a data set's raw input."""
    return PROJECT / "data" / data_set / "raw"


def shown(path):
    """Return a path as a reader of the output finds it: from the project if inside."""
    path = Path(path).resolve()
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path


def next_step(folder, data_set):
    """Return the command that builds segments of the raw input in a folder."""
    if Path(folder).resolve() == raw_folder(data_set):
        return f"next: scripts/run --data {data_set}"
    return (
        f"next: USER_SEGMENTATION_RAW_PATH={shlex.quote(str(shown(folder)))} dbt build"
    )


def query(connection, sql, parameters=None):
    """Run one statement with named parameters and return all its rows.

    DuckDB refuses the next statement while a result is unread, so none is left unread.
    """
    return connection.execute(sql, parameters or {}).fetchall()


def json_object(values):
    """Return SQL for a JSON object of SQL keys and values, without null values."""
    pairs = ", ".join(f"{key}, {value}" for key, value in values.items())
    return f"json_merge_patch('{{}}', json_object({pairs}))"


def write_raw(connection, folder, relations):
    """Write relations of a connection, one per raw table, as the raw input in a folder.

    The folder ends up with whole files or as it was: every file is finished under a
    hidden folder that nothing reads before any takes its name. Columns that a relation
    lacks are null. A text column stays text whatever its type in the contract, because
    staging reads every value from text and rejects what it cannot read with a reason.
    Rows are sorted, so that the same input gives the same bytes.
    """
    _refuse_other_input(folder, relations)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished:
        for table, relation in relations.items():
            query(
                connection,
                f"copy ({_contract_select(connection, table, relation)}) to $path "
                "(format parquet, compression zstd)",
                {"path": f"{unfinished}/{table}.parquet"},
            )
        for table in relations:
            os.replace(f"{unfinished}/{table}.parquet", folder / f"{table}.parquet")


def summary(connection, folder, tables):
    """Return lines on what the raw input in a folder holds, read from its files."""
    lines = []
    for table in tables:
        path = folder / f"{table}.parquet"
        source = {"path": str(path)}
        [(rows,)] = query(
            connection, "select count(*) from read_parquet($path)", source
        )
        lines.append(f"{table}: {rows:,} rows written to {shown(path)}")
        if table == "events":
            lines += _event_lines(connection, source)
    return lines


def _event_lines(connection, source):
    [(first, last, users, anonymous)] = query(
        connection,
        """
        select
            min(try_cast(occurred_at as timestamp)),
            max(try_cast(occurred_at as timestamp)),
            count(distinct user_id),
            count(distinct anonymous_id)
        from read_parquet($path)
        """,
        source,
    )
    names = query(
        connection,
        """
        select event_name, count(*) as event_count
        from read_parquet($path)
        group by event_name
        order by event_count desc, event_name
        """,
        source,
    )
    lines = [f"  first {first}, last {last} (UTC)", f"  users {users:,}"]
    if anonymous:
        lines.append(f"  anonymous ids {anonymous:,}")
    lines += [f"  {count:>11,} {printable(name)}" for name, count in names[:TOP_EVENTS]]
    if len(names) > TOP_EVENTS:
        rest = sum(count for _, count in names[TOP_EVENTS:])
        lines.append(f"  {rest:>11,} of {len(names) - TOP_EVENTS:,} more event names")
    return lines


def printable(text):
    """Return text of a file so that it cannot move the cursor of a terminal."""
    if text is None:
        return "(no name)"
    return text if text.isprintable() and text.strip() else repr(text)


def _contract_select(connection, table, relation):
    contract = CONTRACT[table]
    types = {name: kind for name, kind, *_ in query(connection, f"describe {relation}")}
    if unknown := types.keys() - contract.keys():
        raise ValueError(f"raw {table} has no column {', '.join(sorted(unknown))}")
    columns = []
    for name, kind in contract.items():
        if name not in types:
            columns.append(f"cast(null as {kind}) as {name}")
        elif types[name] == "VARCHAR":
            columns.append(name)
        else:
            columns.append(f"cast({name} as {kind}) as {name}")
    keys = (
        ["occurred_at", "event_id"] if table == "events" else ["user_id", "updated_at"]
    )
    order = keys + [name for name in contract if name not in keys]
    return f"select {', '.join(columns)} from {relation} order by {', '.join(order)}"


def _refuse_other_input(folder, tables):
    """Staging reads every `events*` and `users*` of the folder: leave none over."""
    replaced = {f"{table}.parquet" for table in tables}
    others = sorted(
        path.name
        for table in CONTRACT
        for pattern in (table, f"{table}.*")
        for path in folder.glob(pattern)
        if path.name not in replaced
    )
    if others:
        raise RawInputError(
            f"{shown(folder)} already holds {', '.join(others)}, which this load does "
            "not replace and dbt would read too. Delete it or give another --output."
        )
