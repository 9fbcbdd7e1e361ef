"""Macros by literals: what each of them makes of the values that its description names.

Every macro is rendered as it would be in a model, all in one compilation, and its SQL
runs on a table of a few rows. What is expected is written down here: nothing of it is
computed by the project.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

pytest_plugins = "dbt_project"

SEPARATOR = "---- the next expression"
TYPES = {
    bool: "boolean",
    date: "date",
    datetime: "timestamp",
    float: "double",
    int: "integer",
}


@dataclass(frozen=True)
class Case:
    """An expression over the columns of some rows, and what it is for each of them.

    An aggregate is one value for more rows than one.
    """

    name: str
    expression: str
    rows: list[dict]
    expected: list

    def __str__(self):
        return self.name


def jinja(value):
    """A value as a literal of Jinja."""
    return json.dumps(value, ensure_ascii=False)


def one(name, expression, expected, **columns):
    """A case of one row."""
    return Case(name, expression, [columns or {"nothing": None}], [expected])


def readings(macro, expected, arguments=""):
    """A case for each text that a macro reads, from the text to what it is read as."""
    return [
        one(
            f"{macro}({jinja(text)}{arguments})",
            f"{macro}('value'{arguments})",
            value,
            value=text,
        )
        for text, value in expected.items()
    ]


def day(text):
    return date.fromisoformat(text)


def time(text):
    return datetime.fromisoformat(text)


D = day("2026-06-30")

# Values are data

TEXT_LITERALS = [
    one(f"text_literal({jinja(text)})", f"text_literal({jinja(text)})", text)
    for text in (
        "",
        "plain",
        "O'Neil",
        "''",
        "'; drop table given; --",
        '"quoted"',
        "back\\slash",
        "ends with \\",
        "\\'",
        "100 %",
        "%s %(name)s",
        "a;b",
        "two\nlines",
        "a\ttab",
        "-- no comment",
        "/* no comment */",
        "$1 $$ ${x}",
        "? :name",
        "{{ x }} {% y %} {# z #}",
        "åß 漢字 \N{GRINNING FACE}",
        "e\N{COMBINING ACUTE ACCENT}",
        " spaced ",
        "null",
    )
]

# Reading texts

NUMBERS = readings(
    "read_number",
    {
        "42": 42.0,
        "0": 0.0,
        "-1.5": -1.5,
        "0.25": 0.25,
        "2e3": 2000.0,
        "2E+3": 2000.0,
        "25e-2": 0.25,
        "12345678901": 12345678901.0,
        "1e400": None,
        "-1e400": None,
        "42d": None,
        "1_000": None,
        "1,000": None,
        "0x1A": None,
        "NaN": None,
        "nan": None,
        "Infinity": None,
        "-inf": None,
        " 42 ": None,
        "42\n": None,
        "+5": None,
        "007": None,
        ".5": None,
        "5.": None,
        "1e": None,
        "--1": None,
        "1 2": None,
        "٤٢": None,
        "true": None,
        "": None,
        None: None,
    },
)
DECIMALS = readings(
    "read_number",
    {
        "9.99": Decimal("9.99"),
        "-0.0001": Decimal("-0.0001"),
        "2e3": Decimal(2000),
        "99999999999999.9999": Decimal("99999999999999.9999"),
        "1e400": None,
        "123456789012345": None,
        "9.99 EUR": None,
    },
    ", 'decimal(18, 4)'",
)
INTEGERS = readings(
    "read_number",
    {
        "3": 3,
        "-3": -3,
        "2147483647": 2147483647,
        "2147483648": None,
        "2.0": 2,
        "2.5": None,
        "three": None,
    },
    ", 'integer'",
)
BOOLEANS = readings(
    "read_boolean",
    {
        "true": True,
        "false": False,
        "True": None,
        "t": None,
        "1": None,
        "yes": None,
        " true": None,
        "": None,
        None: None,
    },
)
TIMESTAMPS = readings(
    "read_timestamp",
    {
        "2026-01-01": time("2026-01-01"),
        "2026-01-01 00:30": time("2026-01-01 00:30"),
        "2026-01-01 00:30:15": time("2026-01-01 00:30:15"),
        "2026-01-01T00:30:15": time("2026-01-01 00:30:15"),
        "2026-01-01T00:30:15.25": time("2026-01-01 00:30:15.25"),
        "2026-01-01T00:30:15.123456Z": time("2026-01-01 00:30:15.123456"),
        "2026-01-01T00:30Z": time("2026-01-01 00:30"),
        "2026-01-01T00:30:00+02:00": time("2025-12-31 22:30"),
        "2026-01-01 00:30:00+02": time("2025-12-31 22:30"),
        "2026-01-01T00:30:00+0530": time("2025-12-31 19:00"),
        "2026-01-01T00:30:00+05:45": time("2025-12-31 18:45"),
        "2025-12-31T20:30:00-05:00": time("2026-01-01 01:30"),
        "2024-02-29T12:00:00": time("2024-02-29 12:00"),
        "2026-02-29T12:00:00": None,
        "2026-13-01": None,
        "2026-01-32": None,
        "2026-01-01T25:00:00": None,
        "2026-01-01T00:61:00": None,
        "2026-01-01T00:30:00 Europe/Paris": None,
        "2026-01-01T00:30:00 UTC": None,
        "2026-01-01T00:30:00 CET": None,
        "2026-01-01T00:30:00+2": None,
        "2026-01-01T": None,
        "2026-01-01+02:00": None,
        "2026-1-1": None,
        "20260101": None,
        "01.01.2026": None,
        "01/02/2026": None,
        "1767225600": None,
        " 2026-01-01": None,
        "2026-01-01 ": None,
        "today": None,
        "now": None,
        "infinity": None,
        "": None,
        None: None,
    },
)
DATES = readings(
    "read_date",
    {
        "2026-06-30": day("2026-06-30"),
        "2026-06-30T23:30:00": day("2026-06-30"),
        "2026-06-30 23:30:00-05:00": day("2026-06-30"),
        "2026-06-30T00:30:00+14:00": day("2026-06-30"),
        "2024-02-29": day("2024-02-29"),
        "2026-02-29": None,
        "2026-13-01": None,
        "2026-06-31": None,
        "2026-6-30": None,
        "2026-06-301": None,
        "2026-06-30T": None,
        "2026-06-30 noon": None,
        "20260630": None,
        "30.06.2026": None,
        "today": None,
        "": None,
        None: None,
    },
)

LOCAL_DATES = [
    one(
        f"local_date({moment}, {zone})",
        f"default__local_date('moment', '{zone}')",
        day(expected),
        moment=time(moment),
    )
    for zone, moment, expected in [
        ("America/Los_Angeles", "2026-03-08 07:59:59", "2026-03-07"),
        ("America/Los_Angeles", "2026-03-08 08:00:00", "2026-03-08"),
        ("America/Los_Angeles", "2026-03-09 06:59:59", "2026-03-08"),
        ("America/Los_Angeles", "2026-03-09 07:00:00", "2026-03-09"),
        ("Asia/Kolkata", "2026-06-29 18:29:59", "2026-06-29"),
        ("Asia/Kolkata", "2026-06-29 18:30:00", "2026-06-30"),
        ("Australia/Lord_Howe", "2026-04-05 13:29:59", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-04-05 13:30:00", "2026-04-06"),
        ("Pacific/Kiritimati", "2026-06-30 09:59:59", "2026-06-30"),
        ("Pacific/Kiritimati", "2026-06-30 10:00:00", "2026-07-01"),
    ]
] + [
    one(
        f"local_date({moment})",
        "local_date('moment')",
        day("2026-06-30"),
        moment=time(moment),
    )
    for moment in ("2026-06-30 00:00:00", "2026-06-30 23:59:59.999999")
]

LOCAL_HOURS = [
    one(
        f"local_hour({moment}, {zone})",
        f"default__local_hour('moment', '{zone}')",
        expected,
        moment=time(moment),
    )
    for zone, moment, expected in [
        # An hour is left out, and eight months later one comes twice.
        ("America/Los_Angeles", "2026-03-08 09:59:59", 1),
        ("America/Los_Angeles", "2026-03-08 10:00:00", 3),
        ("America/Los_Angeles", "2026-11-01 08:30:00", 1),
        ("America/Los_Angeles", "2026-11-01 09:30:00", 1),
        ("America/Los_Angeles", "2026-11-01 10:00:00", 2),
        ("Asia/Kolkata", "2026-06-29 18:29:59", 23),
        ("Asia/Kolkata", "2026-06-29 18:30:00", 0),
        ("Australia/Lord_Howe", "2026-04-04 14:59:59", 1),
        ("Australia/Lord_Howe", "2026-04-04 15:29:59", 1),
        ("Australia/Lord_Howe", "2026-04-04 15:30:00", 2),
    ]
] + [
    one(f"local_hour({moment})", "local_hour('moment')", hour, moment=time(moment))
    for moment, hour in {
        "2026-06-30 00:00:00": 0,
        "2026-06-30 00:59:59.999999": 0,
        "2026-06-30 23:59:59.999999": 23,
    }.items()
]

# JSON

JSON_OBJECTS = readings(
    "json_object",
    {
        text: text if is_object else None
        for text, is_object in {
            "{}": True,
            ' {"a": 1} ': True,
            '{"a": {"b": [1, {"c": null}]}}': True,
            '{"it\'s": "100 % \\" ; --"}': True,
            '{"a": 1': False,
            '{"a" 1}': False,
            '{"a": 1} {"b": 2}': False,
            "{'a': 1}": False,
            "{a: 1}": False,
            "[1]": False,
            "[]": False,
            '"a"': False,
            "42": False,
            "true": False,
            "null": False,
            "text": False,
            "": False,
            None: False,
        }.items()
    },
)
JSON_SCALARS = [
    one(
        f"json_scalar({text}, {jinja(name)})",
        f"json_scalar('value', {jinja(name)})",
        expected,
        value=text,
    )
    for text, name, expected in [
        ('{"a": "x"}', "a", "x"),
        ('{"a": ""}', "a", ""),
        ('{"a": 42}', "a", "42"),
        ('{"a": -1.5}', "a", "-1.5"),
        ('{"a": true}', "a", "true"),
        ('{"a": "true"}', "a", "true"),
        ('{"a": "\\u00e9 \\" \\\\ \\n"}', "a", 'é " \\ \n'),
        ('{"a": null}', "a", None),
        ('{"a": [1]}', "a", None),
        ('{"a": {"b": 1}}', "a", None),
        ('{"A": 1}', "a", None),
        ("{}", "a", None),
        (None, "a", None),
        # A key as written, else a path with dots into objects
        ('{"a.b": 1}', "a.b", "1"),
        ('{"a": {"b": 2}}', "a.b", "2"),
        ('{"a.b": 1, "a": {"b": 2}}', "a.b", "1"),
        ('{"a.b": [1], "a": {"b": 2}}', "a.b", None),
        ('{"a": {"b": {"c": 3}}}', "a.b.c", "3"),
        ('{"a": {"b.c": 4}}', "a.b.c", None),
        ('{"a": "x"}', "a.b", None),
        ('{"a": ["x"]}', "a.0", None),
        ('{"a": [{"b": 1}]}', "a.0.b", None),
        ('{"a": {"0": "x"}}', "a.0", "x"),
        # Any text is a key
        ('{"a/b": 1}', "a/b", "1"),
        ('{"a": {"b": 1}}', "a/b", None),
        ('{"a~b": 1}', "a~b", "1"),
        ('{"a~1b": 1, "a/b": 2}', "a~1b", "1"),
        ('{"a~0b": 1, "a~b": 2}', "a~0b", "1"),
        ('{"x/y": {"z~": 1}}', "x/y.z~", "1"),
        ('{"it\'s": 1}', "it's", "1"),
        ('{"a\\"b": 1}', 'a"b', "1"),
        ('{"a\\\\b": 1}', "a\\b", "1"),
        ('{"two\\nlines": 1}', "two\nlines", "1"),
        ('{"*": 1, "b": 2}', "*", "1"),
        ('{"b": 2}', "*", None),
        ('{"$": 1}', "$", "1"),
        ('{"a": 1}', "$.a", None),
        ('{"[0]": 1}', "[0]", "1"),
        ('{" ": 1}', " ", "1"),
        ('{"é漢": 1}', "é漢", "1"),
        ('{"a;b%": 1}', "a;b%", "1"),
    ]
]
JSON_LISTS = [
    one(
        f"json_list_contains({text}, {name}, {jinja(element)})",
        f"json_list_contains('value', '{name}', text_literal({jinja(element)}))",
        expected,
        value=text,
    )
    for text, name, element, expected in [
        ('{"a": ["run", "swim"]}', "a", "swim", True),
        ('{"a": ["run"]}', "a", "ru", False),
        ('{"a": ["run"]}', "a", "Run", False),
        ('{"a": [1, true]}', "a", "1", True),
        ('{"a": [1, true]}', "a", "true", True),
        ('{"a": ["it\'s"]}', "a", "it's", True),
        ('{"a": ["a, b"]}', "a", "a", False),
        ('{"a": [["run"]]}', "a", "run", False),
        ('{"a": []}', "a", "run", False),
        ('{"a": {"b": ["run"]}}', "a.b", "run", True),
        ('{"a": "run"}', "a", "run", None),
        ('{"a": {"run": 1}}', "a", "run", None),
        ('{"a": null}', "a", "run", None),
        ("{}", "a", "run", None),
        (None, "a", "run", None),
    ]
] + [
    one(
        f"json_list_is_set({text})",
        "json_list_is_set('value', 'a')",
        expected,
        value=text,
    )
    for text, expected in {
        '{"a": ["run"]}': True,
        '{"a": [""]}': True,
        '{"a": []}': False,
        '{"a": "run"}': None,
        '{"a": {}}': None,
        '{"a": null}': None,
        "{}": None,
        None: None,
    }.items()
]

# Texts

CONTAINED = [
    one(
        f"text_contains({text}, {part}, {side})",
        f"text_contains('value', text_literal('{part}'), '{side}')",
        expected,
        value=text,
    )
    for text, part, side, expected in [
        ("email_opened", "l_o", "anywhere", True),
        ("emailXopened", "l_o", "anywhere", False),
        ("email_opened", "Email", "anywhere", False),
        ("email_opened", "email_", "start", True),
        ("emailing", "email_", "start", False),
        ("an email_", "email_", "start", False),
        ("email_opened", "opened", "end", True),
        ("opened_email", "opened", "end", False),
        ("100 %", "%", "end", True),
        ("100", "%", "anywhere", False),
        (None, "a", "anywhere", None),
    ]
]
MATCHED = [
    one(
        f"text_matches({jinja(text)}, {jinja(pattern)})",
        f"text_matches('value', {jinja(pattern)})",
        expected,
        value=text,
    )
    for text, pattern, expected in [
        ("ann@example.com", "@example[.]com$", True),
        ("ann@example.com.au", "@example[.]com$", False),
        ("a cat", "cat|dog", True),
        ("a Cat", "cat|dog", False),
        ("it's", "^it's$", True),
        ("a\\b", "\\\\", True),
        ("abc", "^b", False),
        (None, "a", None),
    ]
]

# Rows

PURCHASES = [
    {"user_id": "ann", "moment": 1, "plan": "basic"},
    {"user_id": "ann", "moment": 2, "plan": None},
    {"user_id": "ann", "moment": 3, "plan": "plus"},
    {"user_id": "ann", "moment": 4, "plan": None},
    {"user_id": "bob", "moment": 2, "plan": None},
]
ROWS = [
    Case(
        "last_known carries a value on within its user",
        "last_known('plan', 'user_id', 'moment')",
        PURCHASES,
        ["basic", "basic", "plus", "plus", None],
    ),
    Case(
        "latest takes the last row that has a value",
        "latest('plan', ['moment', 'user_id'])",
        PURCHASES,
        ["plus"],
    ),
    Case(
        "latest decides equal times by the next expression",
        "latest('plan', ['moment', 'event_id'])",
        [
            {"moment": 1, "event_id": "b", "plan": "plus"},
            {"moment": 1, "event_id": "a", "plan": "basic"},
        ],
        ["plus"],
    ),
    Case(
        "latest is missing where no row has a value",
        "latest('plan', ['moment'])",
        [{"moment": 1, "plan": None}, {"moment": 2, "plan": None}],
        [None],
    ),
    one(
        "row_as_json keeps every value but missing ones",
        "row_as_json('given')",
        '{"a":"it\'s","c":""}',
        a="it's",
        b=None,
        c="",
    ),
]

# Facts

YEARS = [
    one(
        f"whole_years({birth}, {on})",
        "whole_years('birth', 'on_day')",
        expected,
        birth=day(birth),
        on_day=day(on),
    )
    for birth, on, expected in [
        ("1990-06-30", "2026-06-29", 35),
        ("1990-06-30", "2026-06-30", 36),
        ("1990-06-30", "2026-07-01", 36),
        ("1990-06-30", "2026-05-31", 35),
        ("1990-06-30", "2026-12-01", 36),
        ("1990-12-31", "2026-12-30", 35),
        ("1990-12-31", "2027-01-01", 36),
        ("2026-06-30", "2026-06-30", 0),
        ("2004-02-29", "2026-02-28", 21),
        ("2004-02-29", "2026-03-01", 22),
        ("2004-02-29", "2028-02-28", 23),
        ("2004-02-29", "2028-02-29", 24),
        ("2004-02-28", "2028-02-28", 24),
    ]
] + [
    Case(
        "whole_years is missing where one of the days is",
        "whole_years('birth', 'on_day')",
        [{"birth": None, "on_day": D}, {"birth": D, "on_day": None}],
        [None, None],
    )
]
DECAYS = [
    one(
        f"time_decay({on}, half-life {half_life})",
        f"time_decay('on_day', 'as_of_date', {half_life})",
        pytest.approx(expected, rel=1e-12),
        on_day=day(on),
        as_of_date=day("2026-06-30"),
    )
    for on, half_life, expected in [
        ("2026-06-30", 30, 1),
        ("2026-05-31", 30, 0.5),
        ("2026-05-01", 30, 0.25),
        ("2026-06-15", 30, 0.7071067811865476),
        ("2026-06-29", 1, 0.5),
        ("2026-06-20", 20, 0.7071067811865476),
        ("2026-06-25", 2.5, 0.25),
    ]
]
BUCKETS = [
    Case(
        f"quantile_bucket of {name}",
        f"quantile_bucket('value', {buckets}, 'part'{direction})",
        [{"part": "a", "value": value} for value in values],
        expected,
    )
    for name, buckets, direction, values, expected in [
        ("five values", 5, "", [10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
        ("ten values", 5, "", [*range(10)], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        ("seven values", 4, "", [*range(7)], [1, 1, 2, 2, 3, 3, 4]),
        ("a single value", 5, "", [7], [1]),
        ("equal values", 5, "", [7, 7, 7], [1, 1, 1]),
        ("a tie in the middle", 5, "", [1, 2, 2, 2, 3], [1, 2, 2, 2, 5]),
        ("a tie at the top", 5, "", [1, 2, 3, 3, 3], [1, 2, 3, 3, 3]),
        ("95 equal of 100", 5, "", [0] * 95 + [1] * 5, [1] * 95 + [5] * 5),
        ("80 equal of 100", 5, "", [0] * 80 + [1] * 20, [1] * 80 + [5] * 20),
        ("79 equal of 100", 5, "", [0] * 79 + [1] * 21, [1] * 79 + [4] * 21),
        ("95 equal of 100 in tenths", 10, "", [0] * 95 + [1] * 5, [1] * 95 + [10] * 5),
        ("two halves", 2, "", [1, 2, 3], [1, 1, 2]),
        (
            "five values, the smallest highest",
            5,
            ", descending=true",
            [10, 20, 30, 40, 50],
            [5, 4, 3, 2, 1],
        ),
        (
            "a tie, the smallest highest",
            5,
            ", descending=true",
            [0, 0, 0, 9, 9],
            [3, 3, 3, 1, 1],
        ),
    ]
] + [
    Case(
        "quantile_bucket of two parts",
        "quantile_bucket('value', 2, 'part')",
        [
            {"part": part, "value": value}
            for part, value in [("a", 1), ("a", 2), ("b", 10), ("b", 20)]
        ],
        [1, 2, 1, 2],
    )
]

# Drift: published values

COUNTS = ([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8])
# Ten bins of equal frequency over 0 to 14, into whose last all of 15 to 29 fall.
APART = ([2, 1, 2, 1, 1, 2, 1, 2, 1, 2], [0] * 9 + [15])
# 1 to 6 five times over, cut in two halves.
HALVES = ([3, 3, 3, 2, 2, 2], [2, 2, 2, 3, 3, 3])


def shares(counts):
    base, current = counts
    return [
        {"base": b / sum(base), "now": float(n) / sum(current)}
        for b, n in zip(base, current, strict=True)
    ]


DRIFT = [
    Case(
        f"{macro} of {name}",
        f"'sum(' ~ {macro}('base', 'now') ~ ')'",
        shares(counts),
        [pytest.approx(expected, abs=tolerance)],
    )
    for macro, name, counts, expected, tolerance in [
        ("population_stability_index_term", "six counts", COUNTS, 0.037218, 5e-7),
        (
            "population_stability_index_term",
            "bins apart",
            APART,
            7.745116608833365,
            1e-9,
        ),
        (
            "population_stability_index_term",
            "halves",
            HALVES,
            0.1621860432432658,
            1e-12,
        ),
        ("population_stability_index_term", "no change", ([1, 3], [1, 3]), 0, 1e-15),
        ("population_stability_index_term", "empty twice", ([1, 0], [1, 0]), 0, 1e-15),
        ("jensen_shannon_term", "six counts", COUNTS, 0.0066805, 5e-8),
        ("jensen_shannon_term", "nothing in common", ([1, 0], [0, 1]), 1, 1e-12),
        ("jensen_shannon_term", "a half moved", ([1, 1, 0], [1, 0, 1]), 0.5, 1e-12),
        ("jensen_shannon_term", "no change", ([1, 3, 0], [1, 3, 0]), 0, 1e-15),
    ]
]

# The compiler: comparisons

TEXT = "{'column': 'value', 'type': 'varchar'}"
NUMBER = "{'column': 'value', 'type': 'integer'}"
MONEY = "{'column': 'value', 'type': 'decimal(18,4)'}"
FLAG = "{'column': 'value', 'type': 'boolean'}"
DAY = "{'column': 'value', 'type': 'date'}"
TIME = "{'column': 'value', 'type': 'timestamp'}"
PROPERTY = "{'json': 'value', 'name': 'a'}"
NEGATIVES = {
    "=": "!=",
    "between": "not between",
    "in": "not in",
    "contains": "not contains",
    "matches": "not matches",
    "within days": "not within days",
    "is set": "is not set",
}


def comparisons(kind, rows):
    """Cases for one kind of stored value, also of the negatives of operators.

    A row is an operator, the value in the rule, and stored values that it holds for and
    that it does not hold for.
    """
    for operator, given, holding, failing in rows:
        for name, negated in ((operator, False), (NEGATIVES.get(operator), True)):
            if name is None:
                continue
            literal = "none" if given is None else jinja(given)
            yield Case(
                f"{kind} {name} {literal}",
                f"_comparison({kind}, '{name}', {literal})",
                [{"value": value, "as_of_date": D} for value in holding + failing],
                [not negated] * len(holding) + [negated] * len(failing),
            )


COMPARISONS = [
    *comparisons(
        TEXT,
        [
            ("=", "plus", ["plus"], ["Plus", "plus ", "", None]),
            ("=", 42, ["42", "42.0", "4.2e1"], ["42d", " 42", "41", "", None]),
            ("=", True, ["true"], ["True", "1", "false", "", None]),
            ("<", "b", ["a", "B", ""], ["b", "c", None]),
            (">", 9, ["10", "9.5"], ["9", "-10", "NaN", "x", None]),
            ("between", [1, 3], ["1", "2.5", "3"], ["0.9", "3.1", "x", None]),
            (
                "in",
                ["a", 1, True],
                ["a", "1", "1.0", "true"],
                ["b", "2", "false", None],
            ),
            ("contains", "lu", ["plus"], ["pLus", "", None]),
            ("starts with", "p_", ["p_lus"], ["plus", " p_", None]),
            ("ends with", "us", ["plus"], ["usa", None]),
            ("matches", "^p.*s$", ["plus"], ["plus!", None]),
            ("is set", None, ["a", " "], ["", None]),
            ("on", "2026-06-30", ["2026-06-30", "2026-06-30T23:00:00Z"], ["x", None]),
        ],
    ),
    *comparisons(
        NUMBER,
        [
            ("=", 42, [42], [41, None]),
            (">=", 42, [42, 43], [41, None]),
            (">", 42, [43], [42, None]),
            ("<=", 42, [42, 41], [43, None]),
            ("<", 42, [41], [42, None]),
            ("=", "42", [42], [41, None]),
            ("between", [1, 3], [1, 2, 3], [0, 4, None]),
            ("in", [1, 3], [1, 3], [2, None]),
            ("is set", None, [0], [None]),
        ],
    ),
    *comparisons(MONEY, [(">=", 9.99, [9.99, 10.0], [9.98, None])]),
    *comparisons(
        FLAG,
        [
            ("=", True, [True], [False, None]),
            ("=", False, [False], [True, None]),
            ("is set", None, [True, False], [None]),
        ],
    ),
    *comparisons(
        DAY,
        [
            ("before", "2026-06-30", [day("2026-06-29")], [D, None]),
            ("after", "2026-06-30", [day("2026-07-01")], [D, None]),
            ("on", "2026-06-30", [D], [day("2026-06-29"), day("2026-07-01"), None]),
            (
                "within days",
                7,
                [D, day("2026-06-24")],
                [day("2026-06-23"), day("2026-07-01"), None],
            ),
            (
                "in next days",
                7,
                [day("2026-07-01"), day("2026-07-07")],
                [D, day("2026-07-08"), day("2026-06-29"), None],
            ),
            (
                "anniversary in next days",
                7,
                [day("1990-07-01"), day("2020-07-07")],
                [day("1990-06-30"), day("1990-07-08"), day("1990-06-29"), None],
            ),
            (
                "anniversary in next days",
                200,
                [day("1990-07-01"), day("1990-12-31"), day("1990-01-16")],
                [day("1990-01-17"), day("1990-06-30"), None],
            ),
        ],
    ),
    *comparisons(
        TIME,
        [
            (
                "on",
                "2026-06-30",
                [time("2026-06-30 23:59:59")],
                [time("2026-07-01"), None],
            ),
            (
                "within days",
                1,
                [time("2026-06-30"), time("2026-06-30 23:59:59")],
                [time("2026-06-29 23:59:59"), None],
            ),
        ],
    ),
    *comparisons(
        PROPERTY,
        [
            ("=", "x", ['{"a": "x"}'], ['{"a": ["x"]}', '{"a": "X"}', "{}", None]),
            (
                "=",
                42,
                ['{"a": 42}', '{"a": "42"}'],
                ['{"a": " 42 "}', '{"a": "NaN"}', None],
            ),
            ("=", True, ['{"a": true}', '{"a": "true"}'], ['{"a": 1}', None]),
            (
                ">",
                10,
                ['{"a": 11}', '{"a": "1e2"}'],
                ['{"a": "NaN"}', '{"a": {}}', None],
            ),
            (
                "contains",
                "x",
                ['{"a": ["x"]}', '{"a": "axb"}'],
                ['{"a": ["axb"]}', '{"a": {"x": 1}}', None],
            ),
            (
                "is set",
                None,
                ['{"a": 0}', '{"a": false}', '{"a": [1]}'],
                ['{"a": ""}', '{"a": null}', '{"a": []}', '{"a": {}}', "{}", None],
            ),
            (
                "within days",
                7,
                ['{"a": "2026-06-24"}', '{"a": "2026-07-01T00:30:00+02:00"}'],
                ['{"a": "2026-06-23"}', '{"a": "2026-07-01"}', '{"a": "soon"}', None],
            ),
        ],
    ),
    Case(
        "29 February has its anniversary on 28 February of other years",
        f"_comparison({DAY}, 'anniversary in next days', 1)",
        [
            {"value": day("2004-02-29"), "as_of_date": day(as_of)}
            for as_of in ("2026-02-26", "2026-02-27", "2026-02-28", "2028-02-28")
        ],
        [False, True, False, True],
    ),
]

# The compiler: events and windows

FILTERS = [
    Case(
        f"_event_filter({jinja(events)})",
        f"_event_filter({jinja(events)})",
        [{"event_name": name} for name in holding + failing],
        [True] * len(holding) + [False] * len(failing),
    )
    for events, holding, failing in [
        (["purchase"], ["purchase"], ["purchases", "Purchase", ""]),
        (["a", "b"], ["a", "b"], ["c"]),
        (["email_*"], ["email_", "email_opened"], ["emailing", "an email_"]),
        (["a", "b", "c*", "d*"], ["a", "b", "c", "cc", "d1"], ["aa", "e"]),
        (["it's", "%"], ["it's", "%"], ["its", "x"]),
        (["%*"], ["%", "%a"], ["a"]),
        (["*"], ["a", ""], []),
    ]
] + [
    Case(
        f"_window_filters({window})",
        f"_window_filters({window}) | join(' and ') or 'true'",
        [
            {"days_ago": (D - day(text)).days, "activity_date": day(text)}
            for text in days
        ],
        expected,
    )
    for window, days, expected in [
        ("{}", ["2000-01-01"], [True]),
        (
            "{'within_days': 7}",
            ["2026-06-30", "2026-06-24", "2026-06-23"],
            [True, True, False],
        ),
        ("{'within_days': 1}", ["2026-06-30", "2026-06-29"], [True, False]),
        (
            "{'within_days': 14, 'until_days_ago': 7}",
            ["2026-06-24", "2026-06-23", "2026-06-17", "2026-06-16"],
            [False, True, True, False],
        ),
        (
            "{'within_days': 7, 'until_days_ago': 0}",
            ["2026-06-30", "2026-06-24", "2026-06-23"],
            [True, True, False],
        ),
        ("{'until_days_ago': 7}", ["2026-06-24", "2026-06-23"], [False, True]),
        (
            "{'since': '2026-06-01', 'until': '2026-06-15'}",
            ["2026-05-31", "2026-06-01", "2026-06-15", "2026-06-16"],
            [False, True, True, False],
        ),
        (
            "{'within_days': 7, 'since': '2026-06-28'}",
            ["2026-06-27", "2026-06-28"],
            [False, True],
        ),
    ]
]

LIMITS = [
    Case(
        f"_measure_limits({measures})",
        f"_measure_limits({measures}) | join(' and ') or 'true'",
        [{"event_name": name, "days_ago": days_ago} for name, days_ago in rows],
        expected,
    )
    for measures, rows, expected in [
        (
            "[{'events': ['a'], 'within_days': 7},"
            " {'events': ['b'], 'within_days': 9}]",
            [("a", 0), ("a", 8), ("b", 8), ("b", 9), ("c", 0)],
            [True, True, True, False, False],
        ),
        (
            "[{'events': ['a'], 'within_days': 7}, {'events': ['b']}]",
            [("a", 1000), ("b", 1000), ("c", 0)],
            [True, True, False],
        ),
        (
            "[{'events': ['*']}, {'events': ['a'], 'within_days': 7}]",
            [("a", 1000), ("c", 1000)],
            [True, True],
        ),
    ]
]

CASES = [
    *TEXT_LITERALS,
    *NUMBERS,
    *DECIMALS,
    *INTEGERS,
    *BOOLEANS,
    *TIMESTAMPS,
    *DATES,
    *LOCAL_DATES,
    *LOCAL_HOURS,
    *JSON_OBJECTS,
    *JSON_SCALARS,
    *JSON_LISTS,
    *CONTAINED,
    *MATCHED,
    *ROWS,
    *YEARS,
    *DECAYS,
    *BUCKETS,
    *DRIFT,
    *COMPARISONS,
    *FILTERS,
    *LIMITS,
]


@pytest.fixture(scope="module")
def expressions(parsed_project):
    """The SQL of the expression of every case, rendered at once."""
    wanted = list(dict.fromkeys(case.expression for case in CASES))
    calls = [
        f"user_segmentation.{text}" if text.startswith(("_", "default__")) else text
        for text in wanted
    ]
    code = SEPARATOR.join(f"{{{{ {call} }}}}" for call in calls)
    rendered = parsed_project.rendered(code).split(SEPARATOR)
    return dict(zip(wanted, rendered, strict=True))


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


def results(connection, sql, rows, *, together):
    """What an expression is for each of some rows, or for all of them together."""
    types = {
        name: next(
            (
                TYPES.get(type(row[name]), "varchar")
                for row in rows
                if row[name] is not None
            ),
            "varchar",
        )
        for name in rows[0]
    }
    columns = ", ".join(f"{name} {type}" for name, type in types.items())
    connection.execute(f"create or replace table given ({columns})")
    connection.executemany(
        f"insert into given values ({', '.join('?' * len(types))})",
        [list(row.values()) for row in rows],
    )
    in_order = "" if together else "order by rowid"
    found = connection.execute(f"select {sql} as result from given {in_order}")
    return [row[0] for row in found.fetchall()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_macro_returns_what_its_description_says(case, expressions, connection):
    together = len(case.expected) < len(case.rows)
    sql = expressions[case.expression]
    assert results(connection, sql, case.rows, together=together) == case.expected


def test_every_case_has_a_name_of_its_own():
    names = [case.name for case in CASES]
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize(
    ("text", "is_a_day"),
    {
        "2026-06-30": True,
        "2024-02-29": True,
        "2026-12-31": True,
        "2026-02-29": False,
        "2026-06-31": False,
        "2026-13-01": False,
        "2026-00-01": False,
        "2026-06-00": False,
        "0000-01-01": False,
        "2026-6-30": False,
        "2026-06-30T00:00": False,
        "today": False,
        "": False,
    }.items(),
)
def test_is_date_knows_real_days(text, is_a_day, parsed_project):
    rendered = parsed_project.rendered(
        f"{{{{ user_segmentation._is_date({jinja(text)}) }}}}"
    )
    assert rendered.strip() == str(is_a_day)


@pytest.mark.parametrize("buckets", ["1", "0", "2.5", "'5'", "none"])
def test_quantile_bucket_asks_for_a_whole_number_from_two(buckets, parsed_project):
    answer = parsed_project.compile(f"{{{{ quantile_bucket('v', {buckets}, 'p') }}}}")
    assert not answer.succeeded
    assert "quantile_bucket(buckets=)" in answer.error
    assert "allowed is a whole number from 2" in answer.error
