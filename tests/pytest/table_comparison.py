"""Whether two warehouses hold the same tables: every row, as often, in any order."""

from collections import Counter
from dataclasses import dataclass

import duckdb

DIFFERENT_BY_NATURE = ("build_number",)
"""Columns that differ between builds that came to the same: how many there were."""

TELL_OF_ONE_BUILD = {
    "intermediate.int_touched_days",
    "intermediate.int_touched_users",
    "intermediate.int_due_snapshots",
    "intermediate.int_due_outcomes",
    "intermediate.int_affected_dates",
    "intermediate.int_stated_snapshots",
    "intermediate.int_as_of_dates",
}
"""Relations that say what the last build had to do, or have a column that does."""

SHOWN_ROWS = 3


@dataclass
class Table:
    columns: dict[str, str]
    """Name to type."""
    rows: Counter
    """How often each row is there; every value as text."""


def relations_of(manifest):
    """The tables and views that dbt builds: (schema, name), sorted."""
    return sorted(
        (node.schema, node.alias)
        for node in manifest.nodes.values()
        if node.resource_type in ("model", "seed", "snapshot")
        and node.config.materialized not in ("ephemeral", "test")
    )


def contents(file, relations):
    """What the relations in a warehouse hold; None for one that is not there.

    The file is only read, but a log that a killed build left beside it is replayed.
    """
    found = {}
    # One thread: many small queries, and other builds want the processor.
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        there = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        for relation in relations:
            if ".".join(relation) in TELL_OF_ONE_BUILD:
                continue
            found[relation] = _read(connection, relation) if relation in there else None
    return found


def left_over(file):
    """Names of the relations that dbt makes on the way to others and drops again."""
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        found = connection.execute(
            "select table_name from information_schema.tables "
            "where contains(table_name, '__dbt_') order by table_name"
        )
        return [name for (name,) in found.fetchall()]


def _read(connection, relation):
    place = ".".join(f'"{part}"' for part in relation)
    described = connection.execute(f"describe {place}").fetchall()
    columns = {
        name: kind for name, kind, *_ in described if name not in DIFFERENT_BY_NATURE
    }
    texts = ", ".join(f'cast("{name}" as varchar)' for name in columns)
    # Rows that no longer stand are kept for one more build.
    stands = "not is_withdrawn" if "is_withdrawn" in columns else "true"
    rows = connection.execute(f"select {texts} from {place} where {stands}")
    return Table(columns, Counter(rows.fetchall()))


def differences(expected, actual):
    """Lines on what differs between contents: the table, and its first rows."""
    lines = []
    for relation in sorted(expected.keys() | actual.keys()):
        sides = (expected.get(relation), actual.get(relation))
        if sides[0] != sides[1]:
            lines += [".".join(relation), *(f"  {line}" for line in _explain(*sides))]
    return lines


def _explain(expected, actual):
    if expected is None or actual is None:
        return [f"is missing on the side {'expected' if expected is None else 'found'}"]
    if expected.columns != actual.columns:
        return [f"expected columns {expected.columns}", f"found {actual.columns}"]
    lines = [f"{expected.rows.total()} rows expected, {actual.rows.total()} found"]
    for side, rows in (
        ("expected", expected.rows - actual.rows),
        ("found", actual.rows - expected.rows),
    ):
        if rows:
            lines.append(f"only {side}: {rows.total()} rows")
        for row in sorted(rows, key=repr)[:SHOWN_ROWS]:
            values = dict(zip(expected.columns, row, strict=True))
            times = f"{rows[row]} times " if rows[row] > 1 else ""
            lines.append(f"  {times}{values}")
    return lines
