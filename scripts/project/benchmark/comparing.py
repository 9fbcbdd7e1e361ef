"""Whether two ways have the same memberships, row by row.

Run as a program it does one job, a JSON file with `left` and `right` (see `Rows`),
`dates` and `segments` to compare (none for all), and `answer`, a file for the outcome.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from project.benchmark import jobs

EXAMPLES = 5


@dataclass(frozen=True)
class Rows:
    """Where the memberships of a way are."""

    way: str
    file: str
    """A DuckDB file, or a folder of Parquet files."""
    relation: str | None = None
    """Its schema and name in the DuckDB file."""

    def attach(self, connection):
        """Make the rows known to the connection; returns SQL that reads them.

        Views of a warehouse name their database: it keeps the name of its file.
        """
        if self.relation is None:
            return f"read_parquet('{self.file}/*.parquet')"
        name = f'"{Path(self.file).stem}"'
        connection.execute(f"attach if not exists '{self.file}' as {name} (read_only)")
        return f"{name}.{self.relation}"


@dataclass(frozen=True)
class Difference:
    """What two ways do not have in common."""

    left: str
    right: str
    row_count: int
    """Rows of the left one."""
    left_only_count: int
    right_only_count: int
    examples: list
    """Some rows that one of them has alone: way, as_of_date, user_id, segment."""

    @property
    def is_none(self):
        return not self.left_only_count and not self.right_only_count

    def lines(self):
        """Words for it, with examples."""
        yield (
            f"{self.left} and {self.right} differ: {self.left_only_count:,} rows only "
            f"in {self.left}, {self.right_only_count:,} only in {self.right}"
        )
        for way, *row in self.examples:
            yield f"  only in {way}: {', '.join(map(str, row))}"


def difference(left, right, dates=None, segments=None):
    """Compare two Rows, of some dates and segments or of all."""
    import duckdb

    with duckdb.connect() as connection:
        queries = [
            "select as_of_date, user_id, segment "
            f"from {rows.attach(connection)}{_filter(dates, segments)}"
            for rows in (left, right)
        ]
        for name, first, second in (
            ("left_only", *queries),
            ("right_only", *reversed(queries)),
        ):
            connection.execute(
                f"create temp table {name} as {first} except all {second}"
            )
        counts = [
            connection.execute(f"select count(*) from {source}").fetchone()[0]
            for source in (f"({queries[0]})", "left_only", "right_only")
        ]
        examples = connection.execute(
            f"""
            select '{left.way}' as way, * from left_only
            union all
            select '{right.way}' as way, * from right_only
            order by as_of_date, segment, user_id
            limit {EXAMPLES}
            """
        ).fetchall()
    examples = [[str(value) for value in row] for row in examples]
    return Difference(left.way, right.way, *counts, examples)


def _filter(dates, segments):
    parts = []
    if dates:
        parts.append(f"as_of_date in {jobs.literals(dates, '()')}")
    if segments:
        parts.append(f"segment in {jobs.literals(segments, '()')}")
    return f" where {' and '.join(parts)}" if parts else ""


def main(path):
    job = jobs.read(path)
    found = difference(
        Rows(**job["left"]), Rows(**job["right"]), job["dates"], job["segments"]
    )
    Path(job["answer"]).write_text(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(sys.argv[1])
