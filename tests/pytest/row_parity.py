"""Whether two engines hold the same rows: floats nearly, all else exactly."""

import math
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

TOLERANCE = 1e-9
"""How far floats may lie apart, as a share of the larger one: engines add in different
orders, and their logarithms differ in the last digits."""

ALMOST_NOTHING = 1e-300
"""Smaller numbers are equal to 0, which some engines make of them."""

SHOWN_ROWS = 3


def differences(expected, actual):
    """Lines on the rows that only one of two answers holds; none where they agree."""
    if sorted(expected.columns) != sorted(actual.columns):
        return [f"columns: expected {expected.columns}, found {actual.columns}"]
    order = [actual.columns.index(name) for name in expected.columns]
    ours = [tuple(map(plain, row)) for row in expected.rows]
    theirs = [tuple(plain(row[place]) for place in order) for row in actual.rows]
    floating = floating_places(len(order), ours + theirs)
    only_ours, only_theirs = unmatched(ours, theirs, floating)
    lines = []
    if len(ours) != len(theirs):
        lines.append(f"{len(ours)} rows expected, {len(theirs)} found")
    for side, rows in (("expected", only_ours), ("found", only_theirs)):
        if rows:
            lines.append(f"only {side}: {len(rows)} rows")
        for row in sorted(rows, key=repr)[:SHOWN_ROWS]:
            lines.append(f"  {dict(zip(expected.columns, row, strict=True))}")
    return lines


def plain(value):
    """A value as it is compared: of what engines spell differently one spelling."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise ValueError(f"{value}: a time with a zone; those of the project have none")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    return value


def floating_places(width, rows):
    """The columns in which an engine has a float; others' numbers compare with it."""
    return {
        place
        for place in range(width)
        if any(isinstance(row[place], float) for row in rows)
    }


def unmatched(ours, theirs, floating):
    """The rows of each side that have no partner on the other."""
    groups = defaultdict(lambda: ([], []))
    for side, rows in enumerate((ours, theirs)):
        for row in rows:
            exact = tuple(
                (type(value) is bool, value)
                for place, value in enumerate(row)
                if place not in floating
            )
            groups[exact][side].append(row)
    only_ours, only_theirs = [], []
    for expected, found in groups.values():
        for row in expected:
            partner = next(
                (other for other in found if are_near(row, other, floating)), None
            )
            if partner is None:
                only_ours.append(row)
            else:
                found.remove(partner)
        only_theirs += found
    return only_ours, only_theirs


def are_near(row, other, floating):
    return all(is_near(row[place], other[place]) for place in floating)


def is_near(one, other):
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=ALMOST_NOTHING)
