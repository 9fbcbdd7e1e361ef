"""Queries on what engines disagree about, each for the macros that even it out.

A query is Jinja. The rows that it reads are texts given here, and it has to have one
answer on every engine.
"""

import json

TIMES = (
    # Around the changes of clocks of the zones below, and a day that one of them skips.
    "2026-03-08 09:59:59", "2026-03-08 10:00:00", "2026-11-01 08:30:00",
    "2026-11-01 09:30:00", "2026-04-04 14:59:59", "2026-04-04 15:00:00",
    "2017-10-15 02:59:59", "2017-10-15 03:00:00", "2011-12-30 09:59:59",
    "2011-12-30 10:00:00", "2010-11-07 02:30:59", "2026-06-30 18:29:59.999999",
    "1969-12-31 23:59:59", "2026-12-31 23:59:59",
)  # fmt: skip
ZONES = (
    "America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
    "America/St_Johns", "Asia/Kolkata",
)  # fmt: skip
TIME_TEXTS = (
    "2026-06-30", "2026-06-30 10:11", "2026-06-30T10:11:12", "2026-06-30 10:11:12.5",
    "2026-06-30 10:11:12.123456789", "2026-06-30T10:11:12Z", "2026-06-30 10:11:12+02",
    "2026-06-30 10:11:12-0530", "2026-06-30 10:11:12+05:45", "2026-06-30 23:30-08:00",
    "2026-02-29", "2028-02-29", "1900-02-29", "2000-02-29", "2026-04-31", "2026-13-01",
    "2026-00-10", "2026-06-30 24:00:00", "2026-06-30 25:00:00", "2026-06-30 23:59:60",
    "2026-6-30", " 2026-06-30", "2026-06-30 ", "30.06.2026", "1782777600", "today", "",
)  # fmt: skip
NUMBER_TEXTS = (
    "42", "-1.5", "2e3", "1E-2", "0.1", "-0.00005", "1.00005", "007", "42d", "1_000",
    "0x1A", "NaN", "inf", "1e400", "1e-300", "99999999999999.9999", "123456789012345.1",
    "2147483647", "2147483648", "-2147483648", "2.0", "2.5", " 42 ", "+1", ".5", "1.",
    "", "1e2.5", "9007199254740993",
)  # fmt: skip
JSON_TEXTS = (
    '{"a": 1, "b": 2.50, "c": "x", "d": true, "e": null}',
    '{"a": [1, 2.0, "x", null, {"k": "v"}], "b": {"c": "in b"}, "b.c": "with a dot"}',
    '{"a": [], "b": {"c": {"d": 7}}, "it\'s": "quoted", "sl/a~sh": "pointed"}',
    '{"a": "caf\\u00e9 \\"x\\" \\\\ \\n", "c": "", "b": [ 2.0,  1.0 ]}',
    '{"a": 1e3, "b": -0.50, "c": 12345678901234567890, "d": 1e-07, "e": 1.5e+22}',
    '{"a": false, "c": "null", "d": " 42 "}', "{}", "[1]", '"text"', "null", "{", "",
)  # fmt: skip
JSON_NAMES = ("a", "b", "c", "d", "e", "b.c", "b.c.d", "it's", "sl/a~sh", 'q"')
PATTERNS = (
    "^caf", "x$", "[0-9]{2,3}", "a|b", "^(ab)+$", "a.c", "a[.]c", "a\\.c", "^$", "\\d+",
    "[^a-z]", "\\w", "(?i)ABC", "é", "it's", "[]x]", "\\\\",
)  # fmt: skip
MATCHED_TEXTS = (
    "café", "abc", "a.c", "a\nc", "abab", "12", "x", "", "it's", "ABC", "é", "b]",
    "a\\c",
)  # fmt: skip
NUMBERS = ("1", "2", "2", "2", "3", "10", "10", "0", None, "7")
WORDS = ("a", "B", "b", "Z", "é", "z", "aa", "a b", "_", "1", "😀", "ｚ", None)


def texts(values):
    """A subquery of texts, numbered from 1 in the column n, in the column t."""
    kind = "{{ dbt.type_string() }}"
    rows = " union all ".join(
        f"select {number} as n, cast({literal(value)} as {kind}) as t"
        for number, value in enumerate(values, 1)
    )
    return f"({rows}) as given"


def jinja(value):
    """A text as a literal of Jinja, which takes escaped characters one by one."""
    return json.dumps(value, ensure_ascii=False)


def literal(value):
    return "null" if value is None else f"{{{{ text_literal({jinja(value)}) }}}}"


def selected(values, **columns):
    """A select of named Jinja expressions over texts."""
    named = ", ".join(f"{code} as {name}" for name, code in columns.items())
    return f"select n, {named} from {texts(values)}"


def zoned(macro, zone):
    return (
        f"{{{{ adapter.dispatch('{macro}', 'user_segmentation')"
        f"(read_timestamp('t'), '{zone}') }}}}"
    )


def each(prefix, code, values):
    """A column for each value, which stands in the code as a literal of Jinja."""
    return {
        f"{prefix}_{number}": code.replace("VALUE", jinja(value))
        for number, value in enumerate(values, 1)
    }


JSON = "{{ %s(json_object('t'), VALUE) }}"

PROBES = {
    "hashing": selected(WORDS, hashed="{{ dbt.hash('t') }}"),
    "date arithmetic": selected(
        ("2026-03-08", "2026-11-01", "2028-02-29", "2026-01-31", "2025-12-31"),
        day_after="cast({{ dbt.dateadd('day', 1, 'cast(t as date)') }} as date)",
        month_after="cast({{ dbt.dateadd('month', 1, 'cast(t as date)') }} as date)",
        year_after="cast({{ dbt.dateadd('year', 1, 'cast(t as date)') }} as date)",
        days="{{ dbt.datediff('cast(t as date)', "
        "\"cast('2026-06-30' as date)\", 'day') }}",
        years="cast({{ whole_years('cast(t as date)', "
        "\"cast('2030-02-28' as date)\") }} as integer)",
        days_of_times="{{ dbt.datediff("
        "read_timestamp('t'), read_timestamp(\"'2026-11-01 23:59:59'\"), 'day') }}",
    ),
    "time zones": selected(
        TIMES,
        **{
            f"{macro}_{number}": zoned(macro, zone)
            for macro in ("local_date", "local_hour")
            for number, zone in enumerate(ZONES, 1)
        },
    ),
    "text to time": selected(
        TIME_TEXTS, instant="{{ read_timestamp('t') }}", day="{{ read_date('t') }}"
    ),
    "text to number": selected(
        NUMBER_TEXTS,
        floating="{{ read_number('t') }}",
        whole="{{ read_number('t', 'integer') }}",
        exact="{{ read_number('t', 'decimal(18, 4)') }}",
    ),
    "json": selected(
        JSON_TEXTS,
        object="{{ json_object('t') }}",
        **each("scalar", JSON % "json_scalar", JSON_NAMES),
        **each("is_set", JSON % "json_list_is_set", JSON_NAMES),
        **each("shown", JSON % "json_text", ("a", "b", "c")),
        **each(
            "contains",
            "{{ json_list_contains(json_object('t'), 'a', text_literal(VALUE)) }}",
            ("1", "2.0", "x", "v", "null"),
        ),
    ),
    "regular expressions": selected(
        MATCHED_TEXTS, **each("matches", "{{ text_matches('t', VALUE) }}", PATTERNS)
    ),
    "parts of texts": selected(
        MATCHED_TEXTS,
        **{
            f"{side}_{number}": f"{{{{ text_contains('t', {part}, '{side}') }}}}"
            for side in ("anywhere", "start", "end")
            for number, part in enumerate(
                ("text_literal('a')", "text_literal('%')", "text_literal('é')"), 1
            )
        },
    ),
    "quantiles with ties": (
        "select "
        + ", ".join(
            "{{ list_element(quantiles(read_number('t'), [0.1, 0.25, 0.5, 0.9]), "
            f"{place}) }}}} as quantile_{place}"
            for place in range(1, 5)
        )
        + f" from {texts(NUMBERS)}"
    ),
    "integer division": selected(
        NUMBERS[:8],
        bucket="{{ quantile_bucket(read_number('t'), 3, '1') }}",
        half="{{ rounded('cast(' ~ read_number('t', 'integer') ~ ' as '"
        " ~ type_double() ~ ') / 8', 2) }}",
        decayed="{{ time_decay(\"cast('2026-06-01' as date)\","
        " \"cast('2026-06-30' as date)\", 30) }}",
    ),
    "order of texts and nulls": selected(
        WORDS,
        place="row_number() over (order by t asc nulls last)",
        is_before_z="t < 'z'",
        known="{{ last_known(\"nullif(t, 'b')\", '1', 'n') }}",
    ),
    "latest": (
        "select {{ latest(\"nullif(t, '1')\", ['length(t)', 't']) }} as latest_text"
        f" from {texts([word for word in WORDS if word])}"
    ),
}

COVERED_BY = {
    "random_split": ["random_split"],
    "days, daylight saving time and time zones": ["3_01_dates"],
    "values as text, number, boolean and date": ["3_04_two_values"],
    "matches and the order of texts": ["3_09_text"],
    "quantiles with ties": ["top_percent"],
    "JSON names with dots and quotes": ["trait", "3_14_values_are_data"],
    "order of events at the same time": ["performed_in_order", "last_performed"],
}
"""The files in `semantics/` whose cases hold a trap besides, as rules that are built."""
