"""What is built on every engine: raw rows, and segmentations to evaluate on them.

The rows are a small demo shop and the rows of all cases in `semantics/`, whose users,
devices and events get the name of their case in front, so that no case meets another.
Their rules become segmentations of the project; each is evaluated for everyone, not
only for the users of its case.
"""

import contextlib
import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import generate_events
from compiled_project import Segmentation, jinja
from raw_contract import CONTRACT
from test_semantics_cases import CASES, Case

USERS = 150
MONTHS = 13
LAST_DAY = "2026-06-30"
"""The day that the second build adds."""
DAY_BEFORE = "2026-06-29"

OF_A_CASE = ("event_id", "user_id", "anonymous_id")
"""Columns that hold the names that a case gives."""
RULES_TOGETHER = 50
"""Rules in one segmentation: the SQL of all of them takes engines long to plan."""
OF_CASES = "fact('user_id', 'starts with', 'case')"
"""The population of these rules."""


@dataclass
class RawRows:
    """Rows of the two raw tables in the columns of the contract, as texts or None."""

    events: list[tuple]
    users: list[tuple]


def parts(folder):
    """The raw rows of both builds: all but the last day, then the last day."""
    events, users = [], []
    for source in (shop(folder), cases()):
        events += source.events
        users += source.users
    first, last = RawRows([], []), RawRows([], [])
    arrives = CONTRACT_PLACES["events"]["received_at"]
    happens = CONTRACT_PLACES["events"]["occurred_at"]
    for event in events:
        day = event[arrives] or event[happens] or ""
        (first if day[:10] <= DAY_BEFORE else last).events.append(event)
    changes = CONTRACT_PLACES["users"]["updated_at"]
    for user in users:
        day = user[changes] or ""
        (first if day[:10] <= DAY_BEFORE else last).users.append(user)
    return first, last


CONTRACT_PLACES = {
    table: {column: place for place, column in enumerate(columns)}
    for table, columns in CONTRACT.items()
}


def shop(folder):
    """The rows of a small demo shop, made in a folder."""
    words = ["--users", str(USERS), "--months", str(MONTHS), "--until", LAST_DAY]
    words += ["--format", "csv", "--output", str(folder)]
    with contextlib.redirect_stdout(io.StringIO()):
        generate_events.generate(generate_events.parse_arguments(words))
    return RawRows(*(read(Path(folder, f"{table}.csv")) for table in CONTRACT))


def read(file):
    with file.open(newline="", encoding="utf-8") as lines:
        _, *rows = csv.reader(lines)
    return [tuple(cell or None for cell in row) for row in rows]


def cases():
    """The rows of all cases."""
    found = RawRows([], [])
    for number, case in enumerate(CASES, 1):
        for table, rows in (("events", case.events), ("users", case.users)):
            getattr(found, table).extend(
                tuple(
                    named(number, column, row.get(column)) for column in CONTRACT[table]
                )
                for row in rows
            )
    return found


def named(number, column, text):
    """A cell with the number of its case before a name; an empty name stays empty."""
    return f"case{number}:{text}" if column in OF_A_CASE and text else text


def segmentations():
    """The segmentations that the cases ask for, by name.

    Rules that stand alone share some, which are evaluated for the users of all cases.
    """
    found, rules = {}, {}
    for number, case in enumerate(CASES, 1):
        given = case.segmentation
        if not isinstance(given, Segmentation):
            continue
        own = {f"case_{number}_{name}": rule for name, rule in given.rules.items()}
        if given.population or given.assignment == "exclusive":
            otherwise = given.otherwise and f"case_{number}_{given.otherwise}"
            found[f"case_{number}"] = replace(given, rules=own, otherwise=otherwise)
        else:
            rules |= own
    for number, batch in enumerate(batched(rules.items(), RULES_TOGETHER), 1):
        found[f"cases_{number}"] = Segmentation(dict(batch), OF_CASES)
    return found


def batched(items, size):
    items = list(items)
    return [items[start : start + size] for start in range(0, len(items), size)]


def model(segmentation):
    """The file of a model that is a segmentation."""
    segments = ",\n    ".join(
        f"segment({jinja(name)}, rule={rule})"
        for name, rule in segmentation.rules.items()
    )
    return (
        "{{ segmentation(\n"
        f"assignment={jinja(segmentation.assignment)},\n"
        f"otherwise={jinja(segmentation.otherwise)},\n"
        f"population={segmentation.population or 'none'},\n"
        f"segments=[\n    {segments}\n]) }}}}\n"
    )
