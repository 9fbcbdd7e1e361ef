"""Any CSV or Parquet file of orders or events becomes raw input; nothing is lost."""

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import load_csv
from raw_contract import EVENT_COLUMNS, USER_COLUMNS

PROJECT = Path(__file__).resolve().parents[2]
REFERENCE = PROJECT.parent / "shared" / "data"

ORDERS = "customer_id,order_date,revenue\nann,2024-01-05,10.5\nbob,2024-02-01,20\n"
MAPPED = ("--user", "customer_id", "--time", "order_date", "--event-name", "purchase")


@pytest.fixture
def loading(tmp_path):
    """Return what writes a file, loads it and returns its events as dictionaries."""

    def load(content, *options, name="orders.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        output = tmp_path / "raw"
        code = load_csv.main([str(file), "--output", str(output), *options])
        assert code == 0
        return table(output, "events")

    return load


@pytest.fixture
def failing(tmp_path, capsys):
    """Return what loads a file that must fail, and returns the message."""

    def fail(content, *options, name="orders.csv"):
        file = tmp_path / name
        if content is not None:
            file.write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )
        output = tmp_path / "raw"
        assert load_csv.main([str(file), "--output", str(output), *options]) == 2
        assert not output.exists(), "a failed load writes nothing"
        return capsys.readouterr().err

    return fail


def table(folder, name):
    result = duckdb.connect().execute(
        "select * from read_parquet($path)", {"path": str(folder / f"{name}.parquet")}
    )
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def types(folder, name):
    rows = duckdb.connect().execute(
        "describe select * from read_parquet($path)",
        {"path": str(folder / f"{name}.parquet")},
    )
    return {name: kind.lower() for name, kind, *_ in rows.fetchall()}


def parquet(path, sql):
    duckdb.connect().execute(f"copy ({sql}) to '{path}' (format parquet)").fetchall()
    return path.read_bytes()


# What is written


def test_orders_become_purchases_of_the_contract(loading, tmp_path):
    events = loading(ORDERS, *MAPPED, "--revenue", "revenue")
    assert [(e["event_name"], e["user_id"], e["revenue"]) for e in events] == [
        ("purchase", "ann", Decimal("10.5")),
        ("purchase", "bob", Decimal("20")),
    ]
    assert events[0]["occurred_at"] == datetime(2024, 1, 5)
    assert types(tmp_path / "raw", "events") == EVENT_COLUMNS
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == [
        "events.parquet"
    ]


def test_every_column_of_the_contract_has_an_option(loading):
    columns = [name for name in EVENT_COLUMNS if name != "properties"]
    values = {name: f"{name} value" for name in columns} | {
        "occurred_at": "2024-01-01 10:00:00",
        "received_at": "2024-01-02",
        "revenue": "-3.25",
        "quantity": "7",
    }
    content = (
        ",".join(columns) + ",json\n" + ",".join(values.values()) + ',"{""a"":1}"\n'
    )
    options = []
    for option, column in load_csv.EVENT_OPTIONS.items():
        options += [option, column if column != "properties" else "json"]
    [event] = loading(content, *options)
    assert event == values | {
        "occurred_at": datetime(2024, 1, 1, 10),
        "received_at": datetime(2024, 1, 2),
        "revenue": Decimal("-3.25"),
        "quantity": 7,
        "properties": '{"a":1}',
    }


def test_the_printed_report_says_what_was_done(loading, capsys):
    loading(ORDERS + "bob,soon,x\n", *MAPPED, "--revenue", "revenue")
    printed = capsys.readouterr().out
    for words in (
        "3 rows read from orders.csv",
        "1 unreadable in occurred_at (--time order_date), kept as text, "
        "for example 'soon'",
        "1 unreadable in revenue (--revenue revenue), kept as text, for example 'x'",
        "3 rows written to ",
        "first 2024-01-05 00:00:00, last 2024-02-01 00:00:00 (UTC)",
        "users 2",
        "3 purchase",
        "raw dbt build",
    ):
        assert words in printed


def test_the_default_folder_is_the_data_set_of_the_project(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(load_csv, "raw_folder", lambda name: tmp_path / name / "raw")
    monkeypatch.setattr("raw_contract.raw_folder", lambda name: tmp_path / name / "raw")
    file = tmp_path / "my orders, 2024.csv.gz"
    file.write_bytes(gzip.compress(ORDERS.encode()))
    assert load_csv.main([str(file), *MAPPED]) == 0
    assert (tmp_path / "my_orders_2024" / "raw" / "events.parquet").exists()
    assert "next: scripts/run --data my_orders_2024" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["orders.csv", "orders.csv.gz", "orders.tsv", "orders.txt"]
)
def test_text_files_of_every_kind_read_the_same(loading, name):
    content = ORDERS.replace(",", "\t") if name.endswith("tsv") else ORDERS
    content = content.encode()
    if name.endswith("gz"):
        content = gzip.compress(content)
    events = loading(content, *MAPPED, name=name)
    assert [e["user_id"] for e in events] == ["ann", "bob"]


@pytest.mark.parametrize(
    "content, options",
    [
        (ORDERS.replace(",", ";"), ()),
        (ORDERS.replace(",", "|"), ()),
        (ORDERS.replace(",", "~"), ("--separator", "~")),
        (ORDERS.replace(",", "\t"), ("--separator", "\\t")),
        (ORDERS.replace("\n", "\r\n"), ()),
        ("\ufeff" + ORDERS, ()),
    ],
    ids=["semicolon", "bar", "given", "given tab", "Windows lines", "byte order mark"],
)
def test_separators_line_ends_and_byte_order_marks(loading, content, options):
    assert [e["user_id"] for e in loading(content, *MAPPED, *options)] == ["ann", "bob"]


# Values and names are data


def test_names_and_values_that_look_like_sql_are_data(loading):
    evil = "x'); drop table events_rows; --"
    column = 'we"ird; select 1 -- näme'
    content = (
        '"we""ird; select 1 -- näme",a=b,$path,at\n'
        f'"{evil}","Zoë, ""Ünïcode"" 🛒\nline two",x,2024-01-01\n'
    )
    [event] = loading(
        content,
        *("--user", column, "--time", "at", "--event-name", evil),
        *("--property", "a=b", "--property", "a=b=copy", "--property", "$path=it's"),
    )
    assert (event["user_id"], event["event_name"]) == (evil, evil)
    assert json.loads(event["properties"]) == {
        "a=b": 'Zoë, "Ünïcode" 🛒\nline two',
        "copy": 'Zoë, "Ünïcode" 🛒\nline two',
        "it's": "x",
    }


def test_columns_that_differ_only_in_case_stay_apart(loading):
    [event] = loading(
        "User,user,at\nA,b,2024-01-01\n",
        *("--user", "user", "--anonymous", "User", "--time", "at", "--event-name", "e"),
    )
    assert (event["user_id"], event["anonymous_id"]) == ("b", "A")


def test_a_file_name_with_wildcards_is_that_file(loading, tmp_path):
    (tmp_path / "orders1.csv").write_text("wrong file")
    events = loading(ORDERS, *MAPPED, name="orders[1]*.csv")
    assert len(events) == 2


@pytest.mark.parametrize("folder", ["c0=nobody", "customer_id=nobody"])
@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_a_folder_with_an_equals_sign_is_no_column(tmp_path, folder, name):
    file = tmp_path / folder / name
    file.parent.mkdir()
    if name.endswith("csv"):
        file.write_text(ORDERS)
    else:
        parquet(
            file,
            "select unnest(['ann', 'bob']) as customer_id, '2024-01-01' as order_date",
        )
    output = tmp_path / "raw"
    assert (
        load_csv.main([str(file), "--output", str(output), *MAPPED, "--all-properties"])
        == 0
    )
    events = table(output, "events")
    assert {e["user_id"] for e in events} == {"ann", "bob"}
    assert "nobody" not in str(events)


def test_all_properties_are_the_columns_that_fill_nothing_else(loading):
    [event] = loading(
        "customer_id,order_date,channel,note,empty\nann,2024-01-05,web,hi,\n",
        *MAPPED,
        *("--property", "channel=source", "--all-properties"),
    )
    assert json.loads(event["properties"]) == {"source": "web", "note": "hi"}


def test_events_are_renamed_and_a_rename_of_nothing_is_named(loading, capsys):
    content = "u,t,e\na,2024-01-01,a=b\nb,2024-01-02,view\n"
    options = ("--user", "u", "--time", "t", "--event", "e")
    renames = ("--event-map", "a=b=purchase", "--event-map", "veiw=x")
    events = loading(content, *options, *renames)
    assert [e["event_name"] for e in events] == ["purchase", "view"]
    assert "no event is called 'veiw'. Did you mean 'view'?" in capsys.readouterr().out


# Identity


def test_identical_lines_are_two_events(loading):
    events = loading(ORDERS + "bob,2024-02-01,20\n", *MAPPED, "--revenue", "revenue")
    assert len({e["event_id"] for e in events}) == 3
    assert sum(e["revenue"] for e in events) == Decimal("50.5")


def test_neighbouring_columns_do_not_run_together(loading):
    content = "u,t,x,y\na,2024-01-01,1,\na,2024-01-01,,1\n"
    events = loading(content, "--user", "u", "--time", "t", "--event-name", "e")
    assert {e["event_id"][-2:] for e in events} == {"-1"}
    assert len({e["event_id"] for e in events}) == 2


def test_loading_twice_gives_the_same_bytes(loading, tmp_path):
    rows = "".join(f"u{i % 7},2024-01-{i % 28 + 1:02},{i % 5}\n" for i in range(5000))
    content = "customer_id,order_date,revenue\n" + rows
    loading(content, *MAPPED)
    first = (tmp_path / "raw" / "events.parquet").read_bytes()
    loading(content, *MAPPED)
    assert (tmp_path / "raw" / "events.parquet").read_bytes() == first


def test_ids_do_not_hang_on_the_order_of_lines(loading):
    header, *lines = ORDERS.splitlines()
    before = {e["event_id"] for e in loading(ORDERS, *MAPPED)}
    after = {e["event_id"] for e in loading("\n".join([header, *lines[::-1]]), *MAPPED)}
    assert before == after


def test_given_ids_are_kept_even_when_delivered_twice(loading):
    content = "id,u,t\n7,a,2024-01-01\n7,a,2024-01-01\n"
    options = ("--event-id", "id", "--user", "u", "--time", "t", "--event-name", "e")
    assert [e["event_id"] for e in loading(content, *options)] == ["7", "7"]


# Times


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2024-07-01", "2024-07-01 00:00:00"),
        ("2024-07-01 10:00", "2024-07-01 10:00:00"),
        ("2024/7/1 9:05:00", "2024-07-01 09:05:00"),
        ("2024-07-01T10:00:00.123456Z", "2024-07-01 10:00:00.123456"),
        ("2024-07-01T10:00:00+02:00", "2024-07-01 08:00:00"),
        ("2024-07-01 10:00:00 +0200", "2024-07-01 08:00:00"),
        ("2024-07-01 10:00:00-05:30", "2024-07-01 15:30:00"),
        ("2024-07-01 10:00:00 UTC", "2024-07-01 10:00:00"),
        (" 2024-07-01 ", "2024-07-01 00:00:00"),
    ],
)
def test_times_become_utc(loading, text, expected):
    content = f"customer_id,order_date\nann,{text}\n"
    [event] = loading(content, *MAPPED)
    assert str(event["occurred_at"]) == expected


def test_only_times_without_an_offset_are_in_the_time_zone(loading):
    content = (
        "customer_id,order_date\n"
        "winter,2024-01-01 12:00\nsummer,2024-07-01 12:00\noffset,2024-07-01 12:00Z\n"
    )
    events = loading(content, *MAPPED, "--time-zone", "Europe/Berlin")
    assert {e["user_id"]: e["occurred_at"].hour for e in events} == {
        "winter": 11,
        "summer": 10,
        "offset": 12,
    }


@pytest.mark.parametrize(
    "time_format, text, expected",
    [
        ("%d/%m/%Y %H:%M", "01/07/2024 10:00", "2024-07-01 08:00:00"),
        ("%d.%m.%Y %H:%M %z", "01.07.2024 10:00 -0500", "2024-07-01 15:00:00"),
        ("epoch", "1719828000", "2024-07-01 10:00:00"),
        ("epoch_ms", "1719828000250", "2024-07-01 10:00:00.250000"),
    ],
)
def test_time_formats(loading, time_format, text, expected):
    [event] = loading(
        f"customer_id,order_date\nann,{text}\n",
        *MAPPED,
        *("--time-zone", "Europe/Berlin", "--time-format", time_format),
    )
    assert str(event["occurred_at"]) == expected


def test_an_epoch_of_another_unit_is_not_a_far_future(loading):
    content = "customer_id,order_date\nann,1719828000\neve,1719828000250\n"
    events = loading(content, *MAPPED, "--time-format", "epoch")
    assert {e["user_id"]: e["occurred_at"] for e in events} == {
        "ann": "2024-07-01 10:00:00",
        "eve": "1719828000250",
    }


# What cannot be read is kept


@pytest.mark.parametrize(
    "text",
    ["soon", "2024-02-30", "infinity", "epoch", "20240101", "2024-01-01 25:00", "1"],
)
def test_an_unreadable_time_goes_through_as_text(loading, tmp_path, text):
    events = loading(ORDERS + f"eve,{text},1\n", *MAPPED)
    assert {e["user_id"]: e["occurred_at"] for e in events} == {
        "ann": "2024-01-05 00:00:00",
        "bob": "2024-02-01 00:00:00",
        "eve": text,
    }


@pytest.mark.parametrize(
    "text", ["1_000", "NaN", "0x1A", "12 EUR", "1e300", "infinity"]
)
def test_an_unreadable_number_goes_through_as_text(loading, text):
    events = loading(
        ORDERS + f"eve,2024-03-01,{text}\n", *MAPPED, "--revenue", "revenue"
    )
    assert [e["revenue"] for e in events] == ["10.5000", "20.0000", text]


@pytest.mark.parametrize(
    "text, expected",
    [("1e3", 1000), (".5", "0.5"), (" +2. ", 2), ("-0.00005", "-0.0001")],
)
def test_numbers_have_many_spellings(loading, text, expected):
    content = f"customer_id,order_date,revenue\nann,2024-01-01,{text}\n"
    [event] = loading(content, *MAPPED, "--revenue", "revenue")
    assert event["revenue"] == Decimal(expected)


def test_half_a_unit_is_not_rounded_to_a_whole_one(loading):
    content = "customer_id,order_date,n\na,2024-01-01,3.0\nb,2024-01-02,2.5\n"
    events = loading(content, *MAPPED, "--quantity", "n")
    assert [e["quantity"] for e in events] == ["3", "2.5"]


def test_empty_values_are_missing_and_said_to_be_rejected(loading, capsys):
    content = "u,t,e\n,2024-01-01,x\na,2024-01-02,\nb,,x\n"
    events = loading(content, "--user", "u", "--time", "t", "--event", "e")
    assert len(events) == 3
    printed = capsys.readouterr().out
    for missing in ("user or anonymous id", "event name", "time"):
        assert f"1 without {missing}: dbt will reject them" in printed


# Parquet


def test_typed_columns_keep_their_meaning(loading, tmp_path):
    content = parquet(
        tmp_path / "typed.parquet",
        """
        select
            42 as "User",
            timestamptz '2024-07-01 10:00:00+02' as at,
            date '2024-07-02' as received,
            cast(0.1 as float) as price,
            cast(3 as double) as units,
            cast('nan' as double) as ratio,
            true as is_new,
            ['a', 'b'] as tags,
            cast(null as varchar) as nothing
        """,
    )
    [event] = loading(
        content,
        *(
            "--user",
            "User",
            "--time",
            "at",
            "--received",
            "received",
            "--event-name",
            "e",
        ),
        *("--revenue", "price", "--quantity", "units", "--all-properties"),
        *("--time-zone", "America/New_York"),
        name="typed.parquet",
    )
    assert event["user_id"] == "42"
    assert event["occurred_at"] == datetime(2024, 7, 1, 8)
    assert event["received_at"] == datetime(2024, 7, 2, 4)
    assert (event["revenue"], event["quantity"]) == (Decimal("0.1"), 3)
    assert json.loads(event["properties"]) == {"is_new": True, "tags": ["a", "b"]}


def test_an_empty_parquet_file_is_an_error(failing, tmp_path):
    content = parquet(
        tmp_path / "none.parquet", "select 'a' as customer_id, 'x' as at limit 0"
    )
    options = ("--user", "customer_id", "--time", "at", "--event-name", "e")
    message = failing(content, *options, name="none.parquet")
    assert "none.parquet has column names but no rows." in message


def test_what_is_no_parquet_file_is_an_error(failing):
    assert "orders.parquet cannot be read: " in failing(
        ORDERS, *MAPPED, name="orders.parquet"
    )


# Users


CUSTOMERS = (
    "id,joined,born,size,ok,tier\n"
    "ann,2023-05-01 10:00,1990-02-28,12,yes,gold\n"
    "bob,2023-06-01,1985-12-31 23:59,,0,\n"
    "bob,2023-06-01,1985-12-31 23:59,,0,\n"
)


@pytest.fixture
def customers(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS)
    return (
        "--users",
        str(file),
        "--profile",
        "id=user_id",
        "--profile",
        "joined=signed_up_at",
    )


def test_a_users_file_becomes_profiles(loading, tmp_path, customers, capsys):
    loading(
        ORDERS,
        *MAPPED,
        *customers,
        *("--profile", "born=birth_date", "--profile", "size=company_size"),
        *("--profile", "ok=marketing_consent", "--all-traits"),
        *("--time-zone", "Europe/Berlin"),
    )
    ann, bob = table(tmp_path / "raw", "users")
    assert types(tmp_path / "raw", "users") == USER_COLUMNS
    assert (ann["user_id"], ann["signed_up_at"]) == ("ann", datetime(2023, 5, 1, 8))
    assert (ann["birth_date"], bob["birth_date"]) == (
        date(1990, 2, 28),
        date(1985, 12, 31),
    )
    assert (ann["company_size"], bob["company_size"]) == (12, None)
    assert (ann["marketing_consent"], bob["marketing_consent"]) == (True, False)
    assert (ann["traits"], bob["traits"]) == ('{"tier":"gold"}', "{}")
    printed = capsys.readouterr().out
    assert "users: 3 rows read from customers.csv" in printed
    assert "2 different profiles of 2 users" in printed


def test_profiles_without_a_time_of_change_are_pointed_at(
    loading, tmp_path, customers, capsys
):
    with (tmp_path / "customers.csv").open("a") as file:
        file.write("ann,2023-05-01 10:00,,,,silver\n")
    loading(ORDERS, *MAPPED, *customers, "--trait", "tier")
    assert "1 users have several" in capsys.readouterr().out
    loading(
        ORDERS, *MAPPED, *customers, "--trait", "tier", "--profile", "born=updated_at"
    )
    assert "have several" not in capsys.readouterr().out


# Errors


def test_a_wrong_column_is_named_with_the_nearest_one(failing):
    message = failing(
        ORDERS, "--user", "customer", "--time", "order_date", "--event-name", "e"
    )
    assert message == (
        "load_csv: orders.csv has no column 'customer' (given with --user). "
        "It has: customer_id, order_date, revenue. Did you mean 'customer_id'?\n"
    )


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "there is no file"),
        ("", "orders.csv is empty."),
        ("\n", "orders.csv has no column names in its first line."),
        ("customer_id,order_date\n", "orders.csv has column names but no rows."),
        (ORDERS + "eve,2024\n", "Expected Number of Columns: 3 Found: 2"),
        (ORDERS + "eve,2024,1,2\n", "Expected Number of Columns: 3 Found: 4"),
        (ORDERS + '"eve,2024,1\n', "unterminated quote"),
        (ORDERS.replace("ann", "Zoë").encode("latin-1"), "orders.csv cannot be read: "),
        (
            "customer_id,order_date,order_date\na,b,c\n",
            "more than one column 'order_date'",
        ),
        ("customer_id,order_date\na,soon\nb,\n", "not one of the 2 values of --time"),
    ],
    ids=[
        "missing",
        "empty",
        "blank",
        "header only",
        "short line",
        "long line",
        "open quote",
        "not UTF-8",
        "twin columns",
        "no time at all",
    ],
)
def test_a_file_that_cannot_be_used(failing, content, message):
    assert message in failing(content, *MAPPED)


def test_a_file_that_is_not_zipped_or_cut_short(failing):
    assert "cannot be read" in failing(ORDERS, *MAPPED, name="orders.csv.gz")
    half = gzip.compress(ORDERS.encode())[:-12]
    assert "cannot be read" in failing(half, *MAPPED, name="orders.csv.gz")


@pytest.mark.parametrize(
    "options, message",
    [
        (
            ("--time", "order_date", "--event-name", "e"),
            "say whose it is: --user COLUMN or",
        ),
        (
            ("--user", "customer_id", "--time", "order_date"),
            "say what happened: --event",
        ),
        (
            ("--user", "customer_id", "--event-name", "e"),
            "say when it happened: --time",
        ),
        (
            (*MAPPED, "--user", "revenue"),
            "--user customer_id and --user revenue both fill",
        ),
        (
            (*MAPPED, "--event", "revenue"),
            "--event revenue and --event-name purchase both",
        ),
        (
            (*MAPPED, "--event-name", "x"),
            "--event-name purchase and --event-name x both",
        ),
        (
            (*MAPPED, "--properties", "revenue", "--property", "revenue"),
            "both fill properties",
        ),
        (
            (*MAPPED, "--property", "revenue", "--property", "revenue"),
            "fills 'revenue' twice",
        ),
        (
            (*MAPPED, "--property", "order_date=revenue", "--all-properties"),
            "--property hides the column 'revenue'",
        ),
        ((*MAPPED, "--event-map", "a=b"), "--event-map needs --event COLUMN"),
        ((*MAPPED, "--time-zone", "Europe/Berln"), "Did you mean 'Europe/Berlin'?"),
        ((*MAPPED, "--time-format", "%Q"), "--time-format '%Q' is no format"),
        ((*MAPPED, "--separator", "::"), "--separator '::' is no character"),
        ((*MAPPED, "--name", "../x"), "--name '../x' may hold letters"),
        ((*MAPPED, "--trait", "revenue"), "need --users FILE"),
    ],
)
def test_options_that_cannot_be_meant(failing, options, message):
    assert message in failing(ORDERS, *options)


@pytest.mark.parametrize("pair", ["view", "=purchase", "view="])
def test_a_rename_is_old_and_new(failing, pair):
    options = ("--user", "customer_id", "--time", "order_date", "--event", "revenue")
    assert "is not of the form OLD=NEW" in failing(
        ORDERS, *options, "--event-map", pair
    )


def test_a_profile_field_that_does_not_exist(failing, customers):
    message = failing(ORDERS, *MAPPED, *customers, "--profile", "born=birthdate")
    assert "users have no 'birthdate'" in message
    assert "Did you mean 'birth_date'?" in message


def test_an_abbreviated_option_is_no_option(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    with pytest.raises(SystemExit) as stopped:
        load_csv.main(
            [str(file), "--output", str(tmp_path), *MAPPED, "--rev", "revenue"]
        )
    assert stopped.value.code == 2


# The folder


def test_a_failed_load_leaves_the_earlier_one(loading, failing, tmp_path):
    loading(ORDERS, *MAPPED)
    before = (tmp_path / "raw" / "events.parquet").read_bytes()
    arguments = [str(tmp_path / "orders.csv"), "--output", str(tmp_path / "raw")]
    assert load_csv.main([*arguments, "--user", "nobody"]) == 2
    assert (tmp_path / "raw" / "events.parquet").read_bytes() == before


def test_a_write_that_breaks_off_leaves_no_file(tmp_path, monkeypatch):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)

    def full_disk(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("raw_contract.os.replace", full_disk)
    assert load_csv.main([str(file), "--output", str(tmp_path / "raw"), *MAPPED]) == 2
    assert list((tmp_path / "raw").iterdir()) == []


@pytest.mark.parametrize(
    "left", ["events.csv", "users.parquet", "events", "users.ndjson"]
)
def test_other_input_in_the_folder_is_not_mixed_in(tmp_path, capsys, left):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / left).touch()
    assert load_csv.main([str(file), "--output", str(folder), *MAPPED]) == 2
    assert f"already holds {left}" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [left]


def test_a_file_does_not_replace_itself(tmp_path, capsys):
    file = tmp_path / "events.parquet"
    content = parquet(file, "select 'a' as u, date '2024-01-01' as t")
    options = ("--user", "u", "--time", "t", "--event-name", "e")
    assert load_csv.main([str(file), "--output", str(tmp_path), *options]) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert file.read_bytes() == content


# Data made by others


@pytest.fixture
def reference(tmp_path):
    def load(name, *options):
        file = REFERENCE / name
        if not file.exists():
            pytest.skip(f"{name} of the reference data is not there")
        assert (
            load_csv.main([str(file), "--output", str(tmp_path / "raw"), *options]) == 0
        )
        return table(tmp_path / "raw", "events")

    return load


@pytest.mark.reference
def test_reference_orders_add_up(reference):
    events = reference("rfm_orders.csv", *MAPPED, "--revenue", "revenue")
    assert len({e["event_id"] for e in events}) == len(events) == 4906
    assert len({e["user_id"] for e in events}) == 995
    assert sum(e["revenue"] for e in events) == 464158


@pytest.mark.reference
def test_reference_clicks_are_all_there(reference):
    events = reference(
        "ecom_clickstream.csv.gz",
        *("--user", "user_id", "--time", "timestamp", "--event", "event"),
        *("--platform", "platform", "--all-properties"),
    )
    assert len({e["event_id"] for e in events}) == len(events) == 31106
    assert len({e["user_id"] for e in events}) == 600
    properties = [json.loads(e["properties"]) for e in events]
    assert len({p["session_id"] for p in properties}) == 3605
    assert {str(min(e["occurred_at"] for e in events))[:10]} == {"2024-01-04"}
    assert {str(max(e["occurred_at"] for e in events))[:10]} == {"2024-06-29"}
