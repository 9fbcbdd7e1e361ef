"""Any raw input is read, or rejected with a reason, or a clear error.

Rows in are rows kept, duplicates and rejected; a failed build leaves no half a table.
"""

import gzip
import json
import shutil
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from segmentations import FEW_SEGMENTATIONS

from raw_contract import EVENT_COLUMNS, USER_COLUMNS

pytest_plugins = "dbt_project"

EVENT = {
    "event_id": "e1",
    "event_name": "purchase",
    "occurred_at": "2024-06-01 10:00:00",
    "user_id": "ann",
}
HAZARDS = {
    "sql": "'; drop table x; --",
    "quote": 'say "hi", ok',
    "newline": "two\nlines",
    "return": "two\r\nlines",
    "emoji": "😀 naïve 東京",
    "backslash": "a\\b\\",
    "null character": "a\0b",
    "jinja": "{{ 1 }} {% raw %}",
}
EVENT_TEXTS = (
    "platform",
    "device_type",
    "os",
    "browser",
    "app_version",
    "country",
    "city",
)
USER_TEXTS = ("first_name", "email", "gender", "country", "city", "language", "plan")
HUGE = json.dumps({"text": "x" * 10_000_000})


def build(project):
    return project.build("staging", load_date="2024-07-01")


def built(project):
    """Build the staging layer, which must work and account for every row."""
    answer = build(project)
    assert answer.succeeded, answer.error
    for counts in project.query("select * from staging.raw_row_counts"):
        parts = ("kept_row_count", "duplicate_row_count", "rejected_row_count")
        assert counts["row_count"] == sum(counts[part] for part in parts), counts
    return answer


def counts(project, table):
    [found] = project.query(
        f"select * from staging.raw_row_counts where source_table = '{table}'"
    )
    return found


@pytest.fixture
def project(parsed_project, tmp_path):
    """The project with an empty folder for the raw input and no warehouse yet."""
    project = parsed_project.on(tmp_path)
    project.raw.mkdir()
    return project


def write_lines(file, lines):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def line(record):
    return record if isinstance(record, str) else json.dumps(record)


# Rows: all kinds in one build. campaign_id (company of users) names the case.

UNREADABLE_LINES = (
    '{"event_id": "cut off',
    "no JSON at all",
    "[1, 2]",
    '"text"',
    "42",
    "null",
    "{'event_id': 'single quotes'}",
    '{"event_id": "\\ud800 half a character"}',
    '{"event_id": "a separator \x1f inside"}',
)

KEPT_EVENTS = {
    "plain": {},
    "only anonymous": {"user_id": None, "anonymous_id": "device"},
    "empty user id": {"user_id": "", "anonymous_id": "device"},
    "number as user id": {"user_id": 7},
    "time with T and Z": {"occurred_at": "2024-06-01T10:00:00Z"},
    "time with offset": {"occurred_at": "2024-06-01 12:00:00.000+02:00"},
    "date alone": {"occurred_at": "2024-06-01"},
    "a day after the load": {"occurred_at": "2024-07-02 23:59:59", "received_at": None},
    "a day after its receipt": {"received_at": "2024-05-31 00:00:00"},
    "number as revenue": {"revenue": 12.5, "quantity": 2},
    "text as revenue": {"revenue": "-1e2", "quantity": "3"},
    "empty values": {
        "revenue": "",
        "quantity": "",
        "received_at": "",
        "properties": "",
    },
    "object as properties": {"properties": {"a": {"b": 1}}},
    "text as properties": {"properties": '{"a": {"b": 1}}'},
    "huge properties": {"properties": HUGE},
}
UNREADABLE_VALUES = {
    "words as revenue": {"revenue": "five"},
    "underscore in revenue": {"revenue": "1_000"},
    "not a number": {"revenue": "NaN"},
    "too large a revenue": {"revenue": "1e30"},
    "blanks around revenue": {"revenue": " 42 "},
    "half a unit": {"quantity": 2.5},
    "too large a quantity": {"quantity": "3000000000"},
    "unreadable received_at": {"received_at": "later"},
}
UNREADABLE_JSON = {
    "cut off properties": {"properties": '{"a": '},
    "list as properties": {"properties": "[1]"},
    "text as properties": {"properties": '"a"'},
    "words as properties": {"properties": "none"},
}
REJECTED_EVENTS = {
    "missing event_id": [{"event_id": None}, {"event_id": ""}],
    "missing event_name": [{"event_name": None}, {"event_name": ""}],
    "missing user_id and anonymous_id": [
        {"user_id": None},
        {"user_id": "", "anonymous_id": ""},
    ],
    "unreadable occurred_at": [
        {"occurred_at": value}
        for value in (
            None,
            "",
            "yesterday",
            "2024-13-01 10:00:00",
            "2024-02-30",
            "2024-06-01 25:00:00",
            "01/06/2024",
            1717236000,
        )
    ],
    "occurred_at in the future": [
        {"occurred_at": "2024-07-03 00:00:00"},
        {"occurred_at": "2999-01-01"},
        {"received_at": "2024-05-30 23:59:59"},
    ],
}
FIRST = {"received_at": "2024-06-02 00:00:00", "city": "M"}
DELIVERIES = [
    {"received_at": "2024-06-03 00:00:00", "city": "A, received later"},
    FIRST | {"city": "B, happened later", "occurred_at": "2024-06-01 10:00:01"},
    FIRST | {"city": "N, a larger text"},
    FIRST,
    FIRST,
    {"received_at": "2024-06-01 00:00:00", "city": "C", "occurred_at": "unusable"},
]


def mixed_events():
    """Raw rows of events, and of each case why it must be rejected, or nothing."""
    records, reasons = [], {}

    def add(case, values, reason=None):
        identity = {"event_id": f"id of {case}", "campaign_id": case}
        records.append(EVENT | identity | values)
        reasons[case] = reason

    kept = KEPT_EVENTS | UNREADABLE_VALUES
    kept |= {f"{case}, bad": values for case, values in UNREADABLE_JSON.items()}
    kept |= {
        f"{name} in every text": dict.fromkeys(
            EVENT_TEXTS + ("event_name", "user_id"), text
        )
        | {"event_id": text, "properties": {text: text}}
        for name, text in HAZARDS.items()
    }
    for case, values in kept.items():
        add(case, values)
    for reason, rows in REJECTED_EVENTS.items():
        for number, values in enumerate(rows):
            add(f"{reason} {number}", values, reason)
    for values in DELIVERIES:
        records.append(
            EVENT | {"event_id": "delivered", "campaign_id": "again"} | values
        )
    return records, reasons


@pytest.fixture(scope="module")
def mixed(parsed_project, tmp_path_factory):
    """A warehouse built of every kind of row, good and bad."""
    project = parsed_project.on(tmp_path_factory.mktemp("mixed"))
    records, _ = mixed_events()
    lines = [line(record) for record in records] + ["", "   ", *UNREADABLE_LINES]
    write_lines(project.raw / "events.ndjson", lines)
    write_lines(project.raw / "users.ndjson", map(line, mixed_users()))
    built(project)
    return project


def test_each_event_is_kept_or_rejected_for_its_reason(mixed):
    _, reasons = mixed_events()
    found = mixed.query(
        "select campaign_id, rejected_reason from staging.stg_event_deliveries "
        "where campaign_id <> 'again'"
    )
    assert {row["campaign_id"]: row["rejected_reason"] for row in found} == reasons


def test_every_event_row_is_accounted_for(mixed):
    records, reasons = mixed_events()
    rejected = sum(reason is not None for reason in reasons.values())
    assert counts(mixed, "events") == {
        "source_table": "events",
        "row_count": len(records) + len(UNREADABLE_LINES),
        "kept_row_count": len(reasons) - rejected + 1,
        "duplicate_row_count": 4,
        "rejected_row_count": rejected + len(UNREADABLE_LINES) + 1,
        "unreadable_value_row_count": len(UNREADABLE_VALUES),
        "unreadable_json_row_count": len(UNREADABLE_JSON),
    }


def test_an_unreadable_line_is_rejected_as_it_stands(mixed):
    found = mixed.query(
        "select raw_row from staging.rejected_rows "
        "where source_table = 'events' and rejected_reason = 'unreadable line'"
    )
    assert sorted(row["raw_row"] for row in found) == sorted(UNREADABLE_LINES)


def test_a_rejected_row_is_there_as_a_whole(mixed):
    [found] = mixed.query(
        "select raw_row, source_file from staging.rejected_rows "
        "where raw_row like '%missing event_name 0%'"
    )
    assert found["source_file"] == "events.ndjson"
    row = json.loads(found["raw_row"])
    assert {name: row[name] for name in ("event_id", "occurred_at", "user_id")} == {
        "event_id": "id of missing event_name 0",
        "occurred_at": "2024-06-01 10:00:00",
        "user_id": "ann",
    }


def test_the_first_usable_delivery_of_an_event_counts(mixed):
    assert mixed.query(
        "select city, received_at from staging.stg_events where event_id = 'delivered'"
    ) == [{"city": "M", "received_at": datetime(2024, 6, 2)}]


def event_of(project, case):
    [found] = project.query(
        "select * from staging.stg_events where campaign_id = "
        + "'{}'".format(case.replace("'", "''"))
    )
    return found


@pytest.mark.parametrize(
    "case, values",
    [
        ("only anonymous", {"user_id": None, "anonymous_id": "device"}),
        ("empty user id", {"user_id": None, "anonymous_id": "device"}),
        ("number as user id", {"user_id": "7"}),
        ("time with T and Z", {"occurred_at": datetime(2024, 6, 1, 10)}),
        ("time with offset", {"occurred_at": datetime(2024, 6, 1, 10)}),
        ("date alone", {"occurred_at": datetime(2024, 6, 1)}),
        ("plain", {"received_at": datetime(2024, 6, 1, 10), "properties": None}),
        ("number as revenue", {"revenue": Decimal("12.5"), "quantity": 2}),
        ("text as revenue", {"revenue": Decimal("-100"), "quantity": 3}),
        ("empty values", {"revenue": None, "quantity": None, "properties": None}),
        ("unreadable received_at", {"received_at": datetime(2024, 6, 1, 10)}),
        *((case, {"revenue": None, "quantity": None}) for case in UNREADABLE_VALUES),
        *((f"{case}, bad", {"properties": None}) for case in UNREADABLE_JSON),
    ],
)
def test_what_an_event_says_is_read_or_missing(case, values, mixed):
    event = event_of(mixed, case)
    assert {name: event[name] for name in values} == values


@pytest.mark.parametrize("case", ["object as properties", "text as properties"])
def test_properties_may_be_an_object_or_its_text(case, mixed):
    assert json.loads(event_of(mixed, case)["properties"]) == {"a": {"b": 1}}


def test_properties_of_ten_megabytes_are_kept(mixed):
    assert event_of(mixed, "huge properties")["properties"] == HUGE


@pytest.mark.parametrize("name", HAZARDS)
def test_text_is_data_in_every_column_of_events(name, mixed):
    text = HAZARDS[name]
    event = event_of(mixed, f"{name} in every text")
    columns = ("event_id", "event_name", "user_id", *EVENT_TEXTS)
    assert {column: event[column] for column in columns} == dict.fromkeys(columns, text)
    assert json.loads(event["properties"]) == {text: text}


REJECTED_USERS = {
    "missing user_id": [{"user_id": None}, {"user_id": ""}],
    "unreadable updated_at": [{"updated_at": "today"}, {"updated_at": "2024-02-30"}],
}
KEPT_USERS = {
    "without any time": ({}, {"updated_at": datetime(1900, 1, 1)}),
    "signed up": (
        {"signed_up_at": "2024-01-01"},
        {"updated_at": datetime(2024, 1, 1), "signed_up_at": datetime(2024, 1, 1)},
    ),
    "number as user id": ({"user_id": 12}, {"user_id": "12"}),
    "typed values": (
        {"birth_date": "1990-02-28", "company_size": 5, "marketing_consent": True},
        {
            "birth_date": date(1990, 2, 28),
            "company_size": 5,
            "marketing_consent": True,
        },
    ),
    "values as text": (
        {
            "birth_date": "1990-02-28T23:00:00-08:00",
            "company_size": "5",
            "marketing_consent": "FALSE",
        },
        {
            "birth_date": date(1990, 2, 28),
            "company_size": 5,
            "marketing_consent": False,
        },
    ),
}
UNREADABLE_USERS = {
    "unreadable birth_date": {"birth_date": "28.2.1990"},
    "impossible birth_date": {"birth_date": "1990-02-30"},
    "unreadable company_size": {"company_size": "many"},
    "unreadable marketing_consent": {"marketing_consent": "perhaps"},
    "unreadable signed_up_at": {"signed_up_at": "long ago"},
}
UNREADABLE_TRAITS = {"cut off traits": {"traits": '{"a"'}, "a list": {"traits": "[]"}}
MERGED = [{"updated_at": "2024-01-01", "plan": plan} for plan in ("basic", "gold")]


def mixed_users():
    cases = {case: given for case, (given, _) in KEPT_USERS.items()}
    cases |= UNREADABLE_USERS | UNREADABLE_TRAITS | {"huge traits": {"traits": HUGE}}
    cases |= {
        f"{name} in every text": dict.fromkeys(USER_TEXTS, text)
        | {"traits": {text: text}, "user_id": text}
        for name, text in HAZARDS.items()
    }
    for reason, rows in REJECTED_USERS.items():
        cases |= {f"{reason} {number}": values for number, values in enumerate(rows)}
    records = [
        {"user_id": f"id of {case}", "company": case} | values
        for case, values in cases.items()
    ]
    return records + [{"user_id": "merged"} | values for values in MERGED]


def test_every_profile_row_is_accounted_for(mixed):
    rejected = sum(map(len, REJECTED_USERS.values()))
    assert counts(mixed, "users") == {
        "source_table": "users",
        "row_count": len(mixed_users()),
        "kept_row_count": len(mixed_users()) - rejected - 1,
        "duplicate_row_count": 1,
        "rejected_row_count": rejected,
        "unreadable_value_row_count": len(UNREADABLE_USERS),
        "unreadable_json_row_count": len(UNREADABLE_TRAITS),
    }


@pytest.mark.parametrize("reason", REJECTED_USERS)
def test_a_profile_that_cannot_be_used_is_rejected_for_its_reason(reason, mixed):
    found = mixed.query(
        "select company from staging.stg_user_deliveries "
        f"where rejected_reason = '{reason}'"
    )
    assert len(found) == len(REJECTED_USERS[reason])
    assert all(row["company"].startswith(reason) for row in found)


def profile_of(project, case):
    [found] = project.query(f"select * from staging.stg_users where company = '{case}'")
    return found


@pytest.mark.parametrize("case", KEPT_USERS)
def test_what_a_profile_says_is_read(case, mixed):
    _, values = KEPT_USERS[case]
    profile = profile_of(mixed, case)
    assert {name: profile[name] for name in values} == values


@pytest.mark.parametrize("case", UNREADABLE_USERS)
def test_what_cannot_be_read_of_a_profile_is_missing(case, mixed):
    profile = profile_of(mixed, case)
    assert [profile[name] for name in UNREADABLE_USERS[case]] == [None]


@pytest.mark.parametrize("name", HAZARDS)
def test_text_is_data_in_every_column_of_users(name, mixed):
    text = HAZARDS[name]
    profile = profile_of(mixed, f"{name} in every text")
    columns = ("user_id", *USER_TEXTS)
    assert {column: profile[column] for column in columns} == dict.fromkeys(
        columns, text
    )
    traits = mixed.query(
        "select user_id, trait_name, trait_value from staging.stg_user_traits"
    )
    [value] = [
        row["trait_value"]
        for row in traits
        if row["user_id"] == text and row["trait_name"] == text
    ]
    assert json.loads(value) == text


# Formats: the same rows in every format that is read

TYPED_EVENTS = """
    select
        'e' || id as event_id,
        'purchase' as event_name,
        timestamp '2024-06-01 10:00:00' + to_seconds(id) as occurred_at,
        id as user_id,
        cast(0.1 * id as double) as revenue,
        case id when 2 then null else cast(id as integer) end as quantity,
        '{"category": "books, ' || id || '"}' as properties
    from range(1, 4) as t(id)
"""
TYPED_USERS = """
    select id as user_id, 'ann "' || id || '"' as first_name, true as marketing_consent
    from range(1, 4) as t(id)
"""
EVENTS = [
    {
        "event_id": f"e{number}",
        "occurred_at": datetime(2024, 6, 1, 10, 0, number),
        "user_id": str(number),
        "revenue": Decimal(number) / 10,
        "quantity": None if number == 2 else number,
        "properties": f'{{"category": "books, {number}"}}',
    }
    for number in (1, 2, 3)
]
USERS = [
    {
        "user_id": str(number),
        "first_name": f'ann "{number}"',
        "marketing_consent": True,
    }
    for number in (1, 2, 3)
]
PARQUET, CSV, JSON = "format parquet", "format csv, header", "format json"
TEXT = "select columns(*)::varchar from ({})"
NANOSECONDS = (
    "select * replace (cast(occurred_at as timestamp_ns) as occurred_at) from ({})"
)
ZONED = "select * replace (occurred_at at time zone 'UTC' as occurred_at) from ({})"

FORMATS = {
    "typed Parquet": [
        ("events.parquet", PARQUET, "{}"),
        ("users.parquet", PARQUET, "{}"),
    ],
    "text in Parquet": [
        ("events.parquet", PARQUET, TEXT),
        ("users.parquet", PARQUET, TEXT),
    ],
    "nanoseconds": [("events.parquet", PARQUET, NANOSECONDS), ("users.csv", CSV, "{}")],
    "time with zone": [("events.parquet", PARQUET, ZONED), ("users.csv", CSV, "{}")],
    "CSV": [("events.csv", CSV, "{}"), ("users.csv", CSV, "{}")],
    "CSV, gzipped": [
        ("events.csv.gz", CSV + ", compression gzip", "{}"),
        ("users.csv.gz", CSV + ", compression gzip", "{}"),
    ],
    "NDJSON": [("events.ndjson", JSON, "{}"), ("users.jsonl", JSON, "{}")],
    "NDJSON, gzipped": [
        ("events.json.gz", JSON + ", compression gzip", "{}"),
        ("users.ndjson.gz", JSON + ", compression gzip", "{}"),
    ],
    "folders of files in different formats": [
        ("events/a.parquet", PARQUET, "select * from ({}) where user_id = 1"),
        ("events/2024/06/b.csv", CSV, "select * from ({}) where user_id = 2"),
        ("events/c.ndjson", JSON, "select * from ({}) where user_id = 3"),
        ("users/a.csv", CSV, "select * from ({}) where user_id < 3"),
        ("users.parquet", PARQUET, "select * from ({}) where user_id = 3"),
    ],
}


def write_files(folder, files):
    for name, options, select in files:
        typed = TYPED_EVENTS if name.startswith("events") else TYPED_USERS
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql("set timezone = 'UTC'")
        file = str(folder / name).replace("'", "''")
        duckdb.execute(f"copy ({select.format(typed)}) to '{file}' ({options})")


def read(project, table, rows):
    """The columns of rows that are expected, as staging has them."""
    key = next(iter(rows[0]))
    return project.query(
        f"select {', '.join(rows[0])} from staging.stg_{table} order by {key}"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(name, project):
    write_files(project.raw, FORMATS[name])
    built(project)
    assert read(project, "events", EVENTS) == EVENTS
    assert read(project, "users", USERS) == USERS
    assert counts(project, "events")["unreadable_value_row_count"] == 0


def test_the_same_event_in_two_files_is_one_event(project):
    write_files(
        project.raw,
        [("events.parquet", PARQUET, "{}"), ("events/again.csv", CSV, "{}")],
    )
    built(project)
    assert counts(project, "events")["kept_row_count"] == 3
    assert counts(project, "events")["duplicate_row_count"] == 3


def test_optional_columns_and_users_may_be_missing(project):
    write_lines(
        project.raw / "events.csv",
        ["event_id,event_name,occurred_at,anonymous_id", "e1,visit,2024-06-01,device"],
    )
    built(project)
    [event] = project.query("select * from staging.stg_events")
    assert {name for name, value in event.items() if value is not None} == {
        "event_id",
        "event_name",
        "occurred_at",
        "anonymous_id",
        "received_at",
        "activity_date",
        "received_date",
    }
    assert counts(project, "users")["row_count"] == 0


def test_a_rejected_row_keeps_columns_beyond_the_contract(project):
    extra = {"event_id": None, "shop": "north"}
    write_lines(project.raw / "events" / "a.ndjson", [line(EVENT | extra)])
    write_lines(
        project.raw / "events" / "b.csv",
        [
            "event_id,event_name,occurred_at,user_id,shop",
            "e1,visit,2024-06-01,ann,east",
            ",visit,2024-06-01,ann,south",
        ],
    )
    built(project)
    found = project.query("select raw_row from staging.rejected_rows")
    rejected = [json.loads(row["raw_row"]) for row in found]
    assert sorted(row["shop"] for row in rejected) == ["north", "south"]


def test_the_name_of_the_folder_is_data(project, tmp_path):
    project.raw = tmp_path / "Bob's raw; data"
    write_files(project.raw, FORMATS["CSV"])
    built(project)
    assert read(project, "events", EVENTS) == EVENTS


def test_lines_may_end_as_on_windows(project):
    lines = [line(EVENT), line(EVENT | {"event_id": "e2"})]
    (project.raw / "events.ndjson").write_bytes("\r\n".join(lines).encode())
    header, rows = ",".join(EVENT), [",".join((EVENT | {"event_id": "e3"}).values())]
    (project.raw / "events.csv").write_bytes("\r\n".join([header, *rows, ""]).encode())
    built(project)
    assert counts(project, "events")["kept_row_count"] == 3


def test_a_byte_order_mark_is_no_part_of_the_data(project):
    text = f"{','.join(EVENT)}\n{','.join(EVENT.values())}\n"
    (project.raw / "events.csv").write_bytes(text.encode("utf-8-sig"))
    row = line(EVENT | {"event_id": "e2"})
    (project.raw / "events.ndjson").write_bytes(row.encode("utf-8-sig"))
    built(project)
    assert counts(project, "events")["kept_row_count"] == 2


# Relations of the warehouse instead of files


@pytest.fixture(scope="module")
def relations(copy_project):
    """The project with raw input from relations, and an empty warehouse."""
    project = copy_project(
        "relations", raw_schema="landing", segmentations=FEW_SEGMENTATIONS
    )
    return project.parse()


@pytest.fixture
def landed(relations, tmp_path):
    """Return what makes relations of selects and gives the project that reads them."""

    def land(**selects):
        project = relations.on(tmp_path)
        with duckdb.connect(str(project.warehouse)) as connection:
            connection.execute("create schema landing")
            for table, select in selects.items():
                connection.execute(f"create table landing.{table} as {select}")
        return project

    return land


def test_relations_without_optional_columns_are_read(landed):
    project = landed(events=TYPED_EVENTS, users=TYPED_USERS)
    built(project)
    assert read(project, "events", EVENTS) == EVENTS
    assert read(project, "users", USERS) == USERS


def test_relations_with_every_column_are_read(landed):
    def whole(typed, contract):
        given = ", ".join(duckdb.sql(typed).columns)
        absent = ", ".join(
            f"cast(null as {kind}) as {name}"
            for name, kind in contract.items()
            if name not in duckdb.sql(typed).columns
        )
        return f"select {given}, {absent}, 'more' as further from ({typed})"

    project = landed(
        events=whole(TYPED_EVENTS, EVENT_COLUMNS),
        users=whole(TYPED_USERS, USER_COLUMNS),
    )
    built(project)
    assert read(project, "events", EVENTS) == EVENTS
    assert read(project, "users", USERS) == USERS


def test_a_rejected_row_of_a_relation_is_there(landed):
    kept = f"select * from ({TYPED_EVENTS})"
    rejected = f"select * replace (null as event_id) from ({TYPED_EVENTS})"
    events = f"{kept} union all {rejected}"
    project = landed(events=events, users=TYPED_USERS)
    built(project)
    found = project.query("select * from staging.rejected_rows")
    assert {row["rejected_reason"] for row in found} == {"missing event_id"}
    assert {json.loads(row["raw_row"])["user_id"] for row in found} == {"1", "2", "3"}


@pytest.mark.parametrize("column", ["event_id", "event_name", "occurred_at"])
def test_a_relation_without_a_required_column_is_an_error_that_names_it(column, landed):
    select = f"select * exclude ({column}) from ({TYPED_EVENTS})"
    answer = build(landed(events=select, users=TYPED_USERS))
    assert not answer.succeeded
    assert f"has no column {column}, which is required. It has: " in answer.error
    assert '"landing"."events"' in answer.error


@pytest.mark.parametrize("missing", ["events", "users"])
def test_a_relation_that_is_missing_is_an_error_that_names_it(missing, landed):
    tables = {"events": TYPED_EVENTS, "users": TYPED_USERS}
    del tables[missing]
    project = landed(**tables)
    answer = build(project)
    assert not answer.succeeded
    assert f'there is nothing at "warehouse"."landing"."{missing}"' in answer.error
    assert project.tables() == list(tables)


# Errors


@pytest.fixture(scope="module")
def good_warehouse(parsed_project, tmp_path_factory):
    """A warehouse of a build that worked."""
    project = parsed_project.on(tmp_path_factory.mktemp("good"))
    write_files(project.raw, FORMATS["CSV"])
    built(project)
    return project.warehouse


@pytest.fixture
def failing(project, good_warehouse):
    """Return what builds with files that must fail, on a new and on an old warehouse.

    Tables that did not fail are new or old as a whole, and the one that failed is not
    there, or the old one.
    """

    def fail(files):
        for name, content in files.items():
            file = project.raw / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )
        answer = build(project)
        assert not answer.succeeded, "the error was not found"
        assert "stg_event_deliveries" not in project.tables()
        assert not [table for table in project.tables() if "__dbt" in table]

        shutil.copy(good_warehouse, project.warehouse)
        before = project.tables()
        again = build(project)
        assert not again.succeeded
        assert project.tables() == before
        assert read(project, "events", EVENTS) == EVENTS
        assert counts(project, "events")["kept_row_count"] == len(EVENTS)
        return " ".join(answer.error.split())

    return fail


HEADER = "event_id,event_name,occurred_at,user_id"
ROW = "e1,visit,2024-06-01,ann"


def test_a_missing_folder_is_an_error_that_says_what_to_do(project, failing):
    project.raw.rmdir()
    error = failing({})
    assert f"Raw input: there is nothing at {project.raw}/events.*" in error
    assert "events.parquet, events.csv or events.ndjson" in error
    assert "scripts/generate_events.py" in error
    assert "scripts/load_csv.py" in error


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"users.csv": "user_id\nann\n"},
        {"events.xlsx": "not read"},
        {"events.txt": f"{HEADER}\n{ROW}\n"},
        {"purchases.csv": f"{HEADER}\n{ROW}\n"},
        {"events/readme.md": "no file of events"},
    ],
    ids=lambda files: ", ".join(files) or "empty folder",
)
def test_a_folder_without_events_is_an_error(files, failing):
    assert "Raw input: there is nothing at " in failing(files)


@pytest.mark.parametrize(
    "files",
    [
        {"events.csv": ""},
        {"events.csv.gz": gzip.compress(b"")},
        {"events.ndjson": ""},
        {"events.ndjson": "\n\n"},
    ],
    ids=lambda files: ", ".join(files),
)
def test_an_empty_file_is_an_error_that_says_so(files, failing):
    error = failing(files)
    assert "has no column event_id, which is required" in error
    assert "no columns (an empty file?)" in error
    assert f"raw/{next(iter(files))}" in error


@pytest.mark.parametrize(
    "content", [b"", b"event_id\n1\n"], ids=["empty", "no Parquet"]
)
def test_a_file_that_is_no_parquet_is_an_error_that_names_it(content, failing):
    assert "events.parquet" in failing({"events.parquet": content})


@pytest.mark.parametrize("column", ["event_id", "event_name", "occurred_at"])
def test_a_missing_required_column_of_events_is_named(column, failing):
    header = ",".join(f"my_{name}" if name == column else name for name in EVENT)
    error = failing({"events.csv": f"{header}\n{','.join(EVENT.values())}\n"})
    assert f"has no column {column}, which is required. It has: " in error
    assert f"my_{column}" in error
    assert "raw/events.csv" in error
    assert "Rename a column in the data" in error


def test_a_missing_user_id_of_users_is_named(failing):
    files = {"events.csv": f"{HEADER}\n{ROW}\n", "users.csv": "id,plan\nann,gold\n"}
    error = failing(files)
    assert (
        "/users.* has no column user_id, which is required. It has: id, plan" in error
    )


def test_events_need_user_id_or_anonymous_id(failing):
    error = failing(
        {"events.csv": "event_id,event_name,occurred_at\ne1,visit,2024-06-01\n"}
    )
    assert "has neither user_id nor anonymous_id; one of them is required" in error
    assert "It has: event_id, event_name, occurred_at." in error


MANY_ROWS = "".join(f"e{number},visit,2024-06-01,ann\n" for number in range(30_000))
BROKEN = {
    "too many values": f"{ROW},more\n".encode(),
    "too few values": b"e2,visit\n",
    "open quote": b'e2,visit,2024-06-01,"ann\n',
    "not UTF-8": b"e2,vis\xffit,2024-06-01,ann\n",
}


@pytest.mark.parametrize("rows", ["", MANY_ROWS], ids=["at once", "after many rows"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_csv_is_an_error_that_names_the_file(broken, rows, failing):
    error = failing({"events.csv": f"{HEADER}\n{rows}".encode() + broken})
    assert "raw/events.csv" in error
    if rows:
        assert "CSV Error on Line: 30002" in error


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER, ROW, f"{HEADER},city", "e2,visit,2024-06-01,ann,Rome"],
        [HEADER, ROW, "#e2,visit,2024-06-01,ann", "#e3"],
        ["report of June", "", HEADER, ROW],
    ],
    ids=["second header", "number sign", "title"],
)
def test_no_line_of_a_csv_is_skipped_in_silence(lines, failing):
    assert "raw/events.csv" in failing({"events.csv": "\n".join(lines)})


@pytest.mark.parametrize("rows", ["", ",,,\n"], ids=["header alone", "none usable"])
def test_events_without_a_usable_row_fail_the_build(rows, project):
    write_lines(project.raw / "events.csv", [HEADER, *rows.splitlines()])
    write_lines(project.raw / "users.csv", ["user_id"])
    answer = build(project)
    assert not answer.succeeded
    assert "Failure in test assert_there_are_events" in answer.error
    assert counts(project, "events")["kept_row_count"] == 0
    assert counts(project, "events")["rejected_row_count"] == len(rows.splitlines())


def test_profiles_without_a_row_are_no_error(project):
    write_lines(project.raw / "events.csv", [HEADER, ROW])
    write_lines(project.raw / "users.csv", ["user_id"])
    built(project)
    assert counts(project, "users")["row_count"] == 0
