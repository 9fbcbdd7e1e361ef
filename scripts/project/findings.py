"""The rows that a data test found, in words."""

import duckdb

from project.console import WIDTH, cut

MOST_FINDINGS = 3
"""Rows shown of one test."""


def lines(connection, query, number):
    """A line for each of the first rows of a test's query, and how many more there are.

    Nothing when the query cannot be run (any more).
    """
    try:
        answer = connection.execute(
            f"select * from (\n{query}\n) limit {MOST_FINDINGS}"
        )
        columns = [column[0] for column in answer.description]
        rows = answer.fetchall()
    except duckdb.Error:
        return []
    found = [in_words(columns, row) for row in rows]
    more = number - len(rows)
    return [*found, f"and {more:,} more"] if found and more > 0 else found


def lines_from_file(warehouse, query, number):
    """The same from a warehouse that no connection of this process has open."""
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error:
        return []
    with connection:
        return lines(connection, query, number)


def in_words(columns, row, width=WIDTH - 4):
    """The values of a row with their columns; the longest give way to the width."""
    cells = {
        column: " ".join(str(value).split())
        for column, value in zip(columns, row, strict=True)
        if value is not None
    }
    longest = max(map(len, cells.values()), default=0)
    while len(line := joined(cells, longest)) > width and longest > 3:
        longest -= 1
    return cut(line, width)


def joined(cells, longest):
    return ", ".join(f"{column} {cut(text, longest)}" for column, text in cells.items())
