"""Writing: parts by worker processes, merged into one file, renamed at the very end.

A part holds the rows of some households as lines that begin with the time of arrival,
the part's number and the row's. So the lines are sorted as text, and the order is the
same in every format and however the work was divided: by time, then by household.
"""

import csv
import heapq
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from raw_contract import CONTRACT

FORMATS = ("parquet", "csv", "ndjson")
TRUTH_FILE = "truth.json"
_KEY_LENGTH = len("YYYY-MM-DD HH:MM:SS") + len("0000") + len("00000000")


@dataclass(frozen=True)
class Part:
    """Where one worker writes its share of a table."""

    folder: Path
    number: int

    def path(self, table: str) -> Path:
        return self.folder / f"part-{self.number:04d}.{table}"

    def write(
        self, table: str, deliveries: list[tuple[str, tuple]], format: str
    ) -> None:
        rows = [row for _, row in deliveries]
        encode = _json_lines if format == "ndjson" else _csv_lines
        lines = encode(CONTRACT[table], rows)
        keyed = [
            f"{arrived}{self.number:04d}{number:08d}{line}"
            for number, ((arrived, _), line) in enumerate(
                zip(deliveries, lines, strict=True)
            )
        ]
        keyed.sort()
        with _open(self.path(table), "w") as file:
            file.writelines(keyed)


def _open(path: Path, mode: str):
    return open(path, mode, encoding="utf-8", newline="\n")


def _csv_lines(columns: dict[str, str], rows: Iterable[Sequence]) -> list[str]:
    booleans = [at for at, type in enumerate(columns.values()) if type == "boolean"]
    lines: list[str] = []
    # The writer calls `write` once a row, so this collects one line a row.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\n")
    if booleans:
        rows = (_spell(row, booleans) for row in rows)
    writer.writerows(rows)
    return lines


def _spell(row: Sequence, booleans: list[int]) -> list:
    """Booleans as true and false, not as Python writes them."""
    values = list(row)
    for at in booleans:
        if values[at] is not None:
            values[at] = "true" if values[at] else "false"
    return values


def _json_lines(columns: dict[str, str], rows: Iterable[Sequence]) -> list[str]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return [encode(dict(zip(columns, row, strict=True))) + "\n" for row in rows]


def merge(table: str, parts: Sequence[Part], target: Path, format: str) -> None:
    """One file of all parts, in order of arrival."""
    text = target.with_suffix(".csv") if format == "parquet" else target
    with ExitStack() as stack:
        files = [stack.enter_context(_open(part.path(table), "r")) for part in parts]
        out = stack.enter_context(_open(text, "w"))
        if format != "ndjson":
            out.write(",".join(CONTRACT[table]) + "\n")
        out.writelines(line[_KEY_LENGTH:] for line in heapq.merge(*files))
    if format == "parquet":
        _to_parquet(text, target, CONTRACT[table])


def parquet_types(columns: dict[str, str]) -> dict[str, str]:
    """The contract's types, but times as text: they can hold what is no time."""
    return {
        name: "varchar" if type == "timestamp" else type
        for name, type in columns.items()
    }


def _to_parquet(text: Path, target: Path, columns: dict[str, str]) -> None:
    # Imported here, because the other formats need nothing but Python.
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.read_csv(
            str(text), header=True, columns=parquet_types(columns), auto_detect=False,
            delimiter=",", quotechar='"', escapechar='"',
        )  # fmt: skip
        rows.write_parquet(str(target), compression="zstd")


def find_foreign(folder: Path) -> list[str]:
    """What is in the way and not of an earlier run, which would have left a truth file.

    dbt reads folders `events` and `users` as well, and those are never of this program.
    """
    folders = [table for table in CONTRACT if (folder / table).is_dir()]
    return folders + ([] if (folder / TRUTH_FILE).exists() else _tables_in(folder))


def publish(made: Path, folder: Path) -> None:
    """Move finished files into place, after those of an earlier run are gone."""
    for name in _tables_in(folder):
        (folder / name).unlink()
    # The truth comes last: where it is, the rest is complete.
    for path in sorted(made.iterdir(), key=lambda path: path.name == TRUTH_FILE):
        os.replace(path, folder / path.name)


def _tables_in(folder: Path) -> list[str]:
    return sorted(
        path.name
        for table in CONTRACT
        for path in folder.glob(f"{table}.*")
        if path.is_file()
    )
