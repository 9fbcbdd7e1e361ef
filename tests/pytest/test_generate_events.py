"""The demo data are what their truth file says, counted here by other means.

The files are read back with the csv module and counted without any code of the
generator; only how the work is divided is tested from inside.
"""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from demo_shop.simulation import simulate
from demo_shop.timeline import Timeline
from raw_contract import CONTRACT, EVENT_COLUMNS, USER_COLUMNS

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "scripts" / "generate_events.py"
FEW = 300
MANY = 2000
"""Enough for the planted effects to stand out from chance."""
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def run(*words, python=sys.executable, expect=0):
    """Run the script; return what it printed, of both kinds."""
    done = subprocess.run(
        [python, SCRIPT, *map(str, words)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == expect, done.stderr
    return done.stdout + done.stderr


def make(folder, users=FEW, format="csv", python=sys.executable, **more):
    words = [f"--{name}={value}" for name, value in more.items()]
    run("--users", users, "--format", format, "--output", folder, *words, python=python)
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_time(text):
    if not TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_object(text):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def event_fault(row):
    """The reason why a row of events cannot be used, or None."""
    occurred_at = read_time(row["occurred_at"])
    faults = []
    if not row["event_id"]:
        faults.append("missing event_id")
    if not row["event_name"]:
        faults.append("missing event_name")
    if not row["user_id"] and not row["anonymous_id"]:
        faults.append("missing user_id and anonymous_id")
    if occurred_at is None:
        faults.append("unreadable occurred_at")
    elif row["received_at"]:
        received_at = read_time(row["received_at"])
        if occurred_at.date() > received_at.date() + timedelta(days=1):
            faults.append("occurred_at in the future")
    assert len(faults) <= 1, row
    return faults[0] if faults else None


def user_fault(row):
    faults = []
    if not row["user_id"]:
        faults.append("missing user_id")
    if row["updated_at"] and read_time(row["updated_at"]) is None:
        faults.append("unreadable updated_at")
    assert len(faults) <= 1, row
    return faults[0] if faults else None


class Shop:
    """A made shop, read back: `events` are the distinct usable ones."""

    def __init__(self, folder):
        self.truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.event_rows = rows_of(folder / "events.csv")
        self.user_rows = rows_of(folder / "users.csv")
        usable = [row for row in self.event_rows if event_fault(row) is None]
        self.usable_count = len(usable)
        self.events = list({row["event_id"]: row for row in usable}.values())
        for row in self.events:
            row["date"] = date.fromisoformat(row["occurred_at"][:10])
            row["json"] = read_object(row["properties"]) or {}
        excluded = self.truth["excluded"]
        insiders = {*excluded["staff_user_ids"], *excluded["test_user_ids"]}
        self.known = defaultdict(list)
        for row in self.events:
            if row["user_id"] and row["user_id"] not in insiders:
                self.known[row["user_id"]].append(row)

    def planted(self, name):
        return self.truth["planted"][name]

    def purchases(self, user_id=None):
        users = self.known if user_id is None else [user_id]
        return [
            row
            for user in users
            for row in self.known[user]
            if row["event_name"] == "purchase"
        ]


def days_between(first, last):
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def days_of(period):
    return days_between(
        date.fromisoformat(period["start_date"]), date.fromisoformat(period["end_date"])
    )


@pytest.fixture(scope="module")
def few_folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="module")
def few(few_folder):
    return Shop(few_folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return Shop(make(tmp_path_factory.mktemp("many"), users=MANY))


def other_pythons():
    """Other Python versions from 3.11 on that are on this machine, by version."""
    candidates = [
        path for n in range(11, 20) if (path := shutil.which(f"python3.{n}"))
    ] + sorted(Path.home().glob(".pyenv/versions/*/bin/python3"))
    found = {}
    for path in candidates:
        asked = subprocess.run(
            [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        version = asked.stdout.strip()
        if asked.returncode == 0 and tuple(map(int, version.split("."))) >= (3, 11):
            found.setdefault(version, str(path))
    found.pop(".".join(map(str, sys.version_info[:2])), None)
    return found


# -- the same bytes


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet"])
def test_same_arguments_give_the_same_bytes(tmp_path, format):
    if format == "parquet":
        pytest.importorskip("duckdb")
    # Enough users for several worker processes.
    first = contents(make(tmp_path / "first", 1100, format, months=2))
    second = contents(make(tmp_path / "second", 1100, format, months=2))
    assert set(first) == {f"events.{format}", f"users.{format}", "truth.json"}
    assert first == second


def test_other_python_versions_give_the_same_bytes(tmp_path, few_folder):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other Python from 3.11 on was found on the path or in ~/.pyenv")
    for version, python in pythons.items():
        made = make(tmp_path / version, python=python)
        assert contents(made) == contents(few_folder), version


def test_another_seed_gives_another_shop(tmp_path, few_folder):
    other = contents(make(tmp_path, seed=8))
    assert other["events.csv"] != contents(few_folder)["events.csv"]


def test_more_users_leave_earlier_ones_as_they_are(tmp_path, few_folder):
    more = make(tmp_path, users=FEW + 60)
    for table in CONTRACT:
        before = (few_folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        after = (more / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        assert len(after) > len(before)
        rest = iter(after)
        # Each earlier line is found, in the same order, among the lines of the larger.
        assert all(line in rest for line in before)


def test_it_does_not_matter_how_the_work_is_divided():
    timeline = Timeline.ending(date(2026, 6, 30), 3)
    whole = simulate(timeline, 7, range(60))
    first, second = (simulate(timeline, 7, part) for part in (range(20), range(20, 60)))
    assert whole.events == first.events + second.events
    assert whole.users == first.users + second.users
    first.tally.add(second.tally)
    assert whole.tally == first.tally


# -- formats and columns


def test_columns_are_those_of_the_contract(few_folder):
    for table, columns in (("events", EVENT_COLUMNS), ("users", USER_COLUMNS)):
        with open(few_folder / f"{table}.csv", encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(columns)


def test_parquet_and_csv_hold_the_same_rows_in_the_same_order(tmp_path, few_folder):
    duckdb = pytest.importorskip("duckdb")
    folder = make(tmp_path, format="parquet")
    for table, columns in CONTRACT.items():
        relation = duckdb.read_parquet(str(folder / f"{table}.parquet"))
        assert relation.columns == list(columns)
        for name, found in zip(columns, relation.types, strict=True):
            wanted = columns[name].replace("timestamp", "varchar")
            assert str(found).lower() == wanted, name
        expected = rows_of(few_folder / f"{table}.csv")
        for row, values in zip(expected, relation.fetchall(), strict=True):
            for name, value in zip(columns, values, strict=True):
                assert same(row[name], value, columns[name]), (name, row)


def same(text, value, type):
    if value is None or text == "":
        return value in (None, "") and text == ""
    if type.startswith("decimal"):
        return float(text) == float(value)
    return text == (str(value).lower() if type == "boolean" else str(value))


def test_ndjson_and_csv_hold_the_same_rows_in_the_same_order(tmp_path, few_folder):
    folder = make(tmp_path, format="ndjson")
    for table, columns in CONTRACT.items():
        lines = (folder / f"{table}.ndjson").read_text(encoding="utf-8").splitlines()
        expected = rows_of(few_folder / f"{table}.csv")
        for row, line in zip(expected, lines, strict=True):
            values = json.loads(line)
            assert list(values) == list(columns)
            for name in columns:
                assert same(row[name], values[name], columns[name]), (name, row)


def test_only_one_copy_of_the_tables_is_ever_in_the_folder(tmp_path):
    make(tmp_path, users=5, format="ndjson")
    make(tmp_path, users=5, format="csv")
    assert set(contents(tmp_path)) == {"events.csv", "users.csv", "truth.json"}


# -- counts


def test_event_counts_are_those_of_the_truth(few):
    counts = few.truth["events"]
    faults = Counter(filter(None, map(event_fault, few.event_rows)))
    assert counts["rows"] == len(few.event_rows)
    assert counts["rejected_rows_by_reason"] == faults
    assert counts["rejected_rows"] == faults.total()
    assert counts["distinct_events"] == len(few.events)
    assert counts["duplicate_rows"] == few.usable_count - len(few.events)
    malformed = [row for row in few.events if row["properties"] and not row["json"]]
    assert counts["malformed_properties"] == len(malformed)
    late = 0
    unknown = 0
    first_received = {}
    for row in few.event_rows:
        if event_fault(row) is not None:
            continue
        unknown += row["received_at"] == ""
        received_at = read_time(row["received_at"] or row["occurred_at"])
        key = row["event_id"]
        first_received[key] = min(first_received.get(key, received_at), received_at)
    for row in few.events:
        waited = first_received[row["event_id"]] - read_time(row["occurred_at"])
        late += waited > timedelta(days=1)
    assert counts["without_received_at"] == unknown
    assert late > 0
    # An event without received_at may have been late all the same.
    assert late <= counts["late_over_1_day"] <= late + unknown


def test_user_counts_are_those_of_the_truth(few):
    counts = few.truth["users"]
    faults = Counter(filter(None, map(user_fault, few.user_rows)))
    usable = [row for row in few.user_rows if user_fault(row) is None]
    assert counts["rows"] == len(few.user_rows)
    assert counts["usable_rows"] == len(usable)
    assert counts["rejected_rows_by_reason"] == faults
    assert counts["rejected_rows"] == faults.total()
    assert counts["distinct_users"] == len({row["user_id"] for row in usable})
    malformed = [row for row in usable if row["traits"]]
    malformed = [row for row in malformed if read_object(row["traits"]) is None]
    assert counts["malformed_traits"] == len(malformed)


def test_every_kind_of_broken_row_and_duplicate_occurs(few):
    assert set(few.truth["events"]["rejected_rows_by_reason"]) == {
        "missing event_id",
        "missing event_name",
        "missing user_id and anonymous_id",
        "unreadable occurred_at",
        "occurred_at in the future",
    }
    assert set(few.truth["users"]["rejected_rows_by_reason"]) == {
        "missing user_id",
        "unreadable updated_at",
    }
    received = defaultdict(list)
    for row in few.event_rows:
        if event_fault(row) is None:
            received[row["event_id"]].append(row["received_at"])
    twice = [times for times in received.values() if len(times) > 1]
    assert any(len(set(times)) == 1 for times in twice)
    assert any(len(set(times)) > 1 for times in twice)
    rejected = {row["event_id"] for row in few.event_rows if event_fault(row)}
    assert rejected & received.keys(), "no broken row shares the id of a sound one"


def test_rows_come_in_the_order_of_arrival(few):
    received = [row["received_at"] for row in few.event_rows if row["received_at"]]
    assert received == sorted(received)


@pytest.mark.parametrize(
    "until, months, first",
    [
        ("2026-06-30", 13, "2025-06-01"),
        ("2024-02-29", 1, "2024-02-01"),
        ("2025-03-30", 1, "2025-02-28"),
        ("2025-01-15", 24, "2023-01-16"),
    ],
)
def test_events_lie_in_the_window_and_reach_its_last_day(
    tmp_path, until, months, first
):
    shop = Shop(make(tmp_path, users=120, until=until, months=months))
    dates = sorted({row["date"] for row in shop.events})
    assert dates[0] == date.fromisoformat(first)
    assert dates[-1] == date.fromisoformat(until)
    assert shop.truth["first_date"] == first
    assert shop.truth["last_date"] == until
    received = max(row["received_at"] for row in shop.event_rows)
    assert received[:10] == until


# -- the planted truths


def test_bargain_hunters_buy_small_and_only_in_sales_from_the_sale_week_on(many):
    truth = many.planted("sale_week")
    start = date.fromisoformat(truth["start_date"])
    sale_days = set().union(*map(days_of, truth["sales"]))
    hunters = set(truth["user_ids"])
    assert truth["in_window"] and truth["user_count"] == len(hunters) > MANY / 50
    hunted, others, before = [], [], []
    for row in many.purchases():
        if row["user_id"] not in hunters:
            others.append(row)
        elif row["date"] >= start:
            hunted.append(row)
        else:
            before.append(row)
    for row in hunted:
        assert row["date"] in sale_days
        assert row["json"]["is_sale"] is True
        assert row["json"]["discount_amount"] > 0
    assert len(hunted) / len(hunters) > 4, "bargain hunters buy often"
    assert mean_revenue(hunted) < mean_revenue(others) / 2
    assert sum(row["json"]["is_sale"] for row in before) < len(before) / 4


def mean_revenue(rows):
    return sum(float(row["revenue"]) for row in rows) / len(rows)


def test_buyers_go_quiet_for_a_week_and_return(many):
    truth = many.planted("quiet_week")
    by_day = Counter(row["date"] for row in many.purchases())
    quiet = days_of(truth)

    def week(weeks_on):
        return sum(by_day[day + timedelta(days=7 * weeks_on)] for day in quiet)

    assert truth["in_window"]
    assert truth["purchases"] == week(0)
    before = [week(n) for n in (-4, -3, -2, -1)]
    after = [week(n) for n in (1, 2, 3, 4)]
    assert truth["purchases_in_each_of_the_weeks_before"] == before
    assert truth["purchases_in_each_of_the_weeks_after"] == after
    assert week(0) < 0.5 * min(before + after)
    assert sum(after) > 0.8 * sum(before)


def test_a_share_of_desktop_users_moves_to_the_app(many):
    truth = many.planted("device_migration")
    day = date.fromisoformat(truth["start_date"])
    moved = set(truth["user_ids"])
    desktop_users, moved_devices = set(), set()
    for user_id, rows in many.known.items():
        on_device = [row for row in rows if row["anonymous_id"]]
        before = Counter(
            row["device_type"] for row in on_device if row["date"] < day
        ).most_common(1)
        after = [row for row in on_device if row["date"] >= day]
        if after and before and before[0][0] == "desktop":
            desktop_users.add(user_id)
        if user_id in moved:
            assert after
            assert {row["platform"] for row in after} <= {"ios", "android"}
            moved_devices |= {row["anonymous_id"] for row in after}
    seen_before = {row["anonymous_id"] for row in many.events if row["date"] < day}
    assert truth["in_window"] and truth["user_count"] == len(moved)
    assert not moved_devices & seen_before
    assert 0.25 < len(moved & desktop_users) / len(desktop_users) < 0.45


def test_the_campaign_works_on_lapsing_buyers_only(many):
    truth = many.planted("campaign")
    start, outcome = date.fromisoformat(truth["start_date"]), days_of(truth)
    groups = defaultdict(lambda: {"users": 0, "buyers": 0})
    for user_id, rows in many.known.items():
        assigned = [row for row in rows if row["event_name"] == "campaign_assigned"]
        bought = [row["date"] for row in many.purchases(user_id)]
        segment = campaign_segment([(start - day).days for day in bought])
        assert len(assigned) == (segment is not None), user_id
        for row in assigned:
            assert row["date"] == start
            assert row["json"]["campaign"] == row["campaign_id"] == truth["campaign"]
            group = groups[segment, row["json"]["group"]]
            group["users"] += 1
            group["buyers"] += any(day in outcome for day in bought)
    for segment, told in truth["segments"].items():
        for name, group in told["groups"].items():
            assert groups[segment, name] == group
        sizes = [group["users"] for group in told["groups"].values()]
        assert min(sizes) > 0.75 * max(sizes)
    assert truth["true_effect"]["frequent_buyers"] == 0
    assert truth["true_effect"]["lapsing_buyers"] > 0.1
    assert estimated_effect(groups, "lapsing_buyers") > 0.05
    assert abs(estimated_effect(groups, "frequent_buyers")) < 0.1


def campaign_segment(ages):
    ages = [age for age in ages if age > 0]
    if sum(age <= 60 for age in ages) >= 2:
        return "frequent_buyers"
    if ages and 60 < min(ages) <= 180:
        return "lapsing_buyers"
    return None


def estimated_effect(groups, segment):
    treated, control = groups[segment, "treatment"], groups[segment, "control"]
    return treated["buyers"] / treated["users"] - control["buyers"] / control["users"]


def test_weekdays_hours_and_growth_are_seen(many):
    truth = many.truth["seasonality"]
    window_end = date.fromisoformat(many.truth["last_date"])
    by_weekday, by_hour, by_half = Counter(), Counter(), Counter()
    # Sales fall on weekends, which would hide what the weekday itself does.
    sale_days = set().union(*map(days_of, many.planted("sale_week")["sales"]))
    for row in many.events:
        if row["event_name"] == "product_viewed":
            by_hour[int(row["occurred_at"][11:13])] += 1
            if row["date"] not in sale_days:
                by_weekday[f"{row['date']:%A}"] += 1
        if row["event_name"] == "signup":
            by_half[(window_end - row["date"]).days < 197] += 1
    assert by_weekday[truth["strongest_weekday"]] > by_weekday[truth["weakest_weekday"]]
    assert abs(by_hour.most_common(1)[0][0] - truth["strongest_hour_utc"]) <= 1
    assert by_half[True] > by_half[False]


def test_a_short_run_says_which_planted_truths_do_not_fit(tmp_path):
    shop = Shop(make(tmp_path, users=50, months=1))
    assert not any(truth["in_window"] for truth in shop.truth["planted"].values())
    assert shop.planted("campaign")["true_effect"] == {
        "lapsing_buyers": None,
        "frequent_buyers": None,
    }


def test_lifecycles_at_the_end_are_counted_right_and_believable(many):
    truth = many.truth["lifecycles"]
    today = date.fromisoformat(truth["as_of_date"])
    found = Counter()
    for rows in many.known.values():
        ages = defaultdict(list)
        for row in rows:
            ages[row["event_name"]].append((today - row["date"]).days)
        bought = ages["purchase"]
        found["new"] += any(age < 30 for age in ages["signup"])
        found["loyal_shopper"] += sum(age < 60 for age in bought) >= 2
        found["one_time_quiet"] += len(bought) == 1 and 90 <= bought[0] < 180
        found["dormant"] += bool(bought) and min(bought) >= 180
        found["frequent_login"] += sum(age < 7 for age in ages["login"]) >= 3
        found["prospect"] += not bought
    told = {name: segment["users"] for name, segment in truth["segments"].items()}
    assert truth["known_users"] == len(many.known)
    assert told == found
    assert 0.1 <= found["loyal_shopper"] / len(many.known) <= 0.25
    for name, count in found.items():
        assert count / len(many.known) > 0.02, name


# -- the people


def test_visits_begin_anonymous_and_devices_are_shared(many):
    users_of = defaultdict(set)
    for row in many.events:
        if row["anonymous_id"]:
            users_of[row["anonymous_id"]].add(row["user_id"])
    owners = {device: users - {""} for device, users in users_of.items()}
    assert any("" in users and owners[device] for device, users in users_of.items())
    never_known = sum(not users for users in owners.values())
    assert never_known > MANY / 4
    shared = sum(len(users) > 1 for users in owners.values())
    assert MANY / 100 < shared < MANY / 10
    devices_of = defaultdict(set)
    for device, users in owners.items():
        for user in users:
            devices_of[user].add(device)
    assert sum(len(devices) > 1 for devices in devices_of.values()) > MANY / 4


def test_staff_test_accounts_and_bots_can_be_told_apart(many):
    excluded = many.truth["excluded"]
    emails = defaultdict(set)
    for row in many.user_rows:
        emails[row["user_id"]].add(row["email"].rpartition("@")[2])
    staff = {
        user for user, domains in emails.items() if domains & {"demoshop.example"}
    } - {""}
    users = {row["user_id"] for row in many.events}
    tests = {user for user in users if user.startswith("test_")}
    views = Counter(
        row["anonymous_id"]
        for row in many.events
        if row["anonymous_id"].startswith("bot_")
    )
    assert staff == set(excluded["staff_user_ids"]) <= users
    assert tests == set(excluded["test_user_ids"]) and tests
    assert set(views) == set(excluded["bot_anonymous_ids"])
    assert min(views.values()) > 5000


def test_some_users_lack_a_profile_and_some_profiles_lack_events(many):
    profiles = {row["user_id"] for row in many.user_rows} - {""}
    assert len(set(many.known) - profiles) > MANY / 50
    assert len(profiles - set(many.known)) > MANY / 100


def test_profiles_change_with_the_events(many):
    plans = defaultdict(dict)
    for row in many.user_rows:
        if user_fault(row) is None and row["plan"]:
            plans[row["user_id"]][row["updated_at"]] = row["plan"]
    changes = [
        row
        for rows in many.known.values()
        for row in rows
        if row["event_name"] == "plan_changed" and row["user_id"] in plans
    ]
    assert len(changes) > MANY / 10
    for row in changes:
        assert plans[row["user_id"]][row["occurred_at"]] == row["json"]["to_plan"]
    consents = defaultdict(set)
    for row in many.user_rows:
        consents[row["user_id"]].add(row["marketing_consent"])
    assert any({"true", "false"} <= values for values in consents.values())


def test_people_travel_but_mostly_stay_in_their_home_city(many):
    homes = {}
    for row in many.user_rows:
        home = (read_object(row["traits"]) or {}).get("home_city")
        if row["user_id"] and home:
            homes[row["user_id"]] = home
    at_home = away = 0
    for user_id, home in homes.items():
        for row in many.known[user_id]:
            at_home += row["city"] == home
            away += row["city"] not in ("", home)
    assert 0 < away < at_home / 10


def test_purchases_carry_their_order_and_refunds_are_negative(many):
    orders = set()
    for row in many.purchases():
        order = row["json"]
        assert float(row["revenue"]) > 0 and int(row["quantity"]) >= 1
        assert {"order_id", "category", "brand", "coupon"} <= order.keys()
        assert isinstance(order["discount_amount"], int | float)
        assert isinstance(order["is_sale"], bool)
        assert order["is_sale"] <= (order["discount_amount"] > 0)
        orders.add(order["order_id"])
    assert len(orders) == len(many.purchases())
    refunds = [row for row in many.events if row["event_name"] == "refund"]
    assert refunds and all(float(row["revenue"]) < 0 for row in refunds)


def test_trying_text_survives_writing_and_reading(many):
    names = {row["first_name"] for row in many.user_rows}
    assert {"Robert'); drop table users;--", 'Anna "Annie"', "李娜"} <= names
    searches = {row["json"].get("query") for row in many.events}
    assert {'tv 55"', "50% off, red", "back\\slash"} <= searches
    assert all(None not in row for row in many.user_rows), "a row has too many fields"


# -- arguments and interruptions


@pytest.mark.parametrize(
    "words, message",
    [
        (["--users", "0"], "--users: '0' is not a whole number from 1 to"),
        (["--users", "many"], "--users: 'many' is not a whole number from 1 to"),
        (["--months", "0"], "--months: '0' is not a whole number from 1 to"),
        (["--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
        (["--until", "2026-02-30"], "--until: '2026-02-30' is not a date like"),
        (["--until", "1999-12-31"], "'1999-12-31' is not in the years"),
        (["--format", "xlsx"], "--format: invalid choice: 'xlsx'"),
        (["--user", "5"], "unrecognized arguments: --user 5"),
    ],
)
def test_wrong_arguments_are_named(tmp_path, words, message):
    printed = run("--output", tmp_path / "raw", *words, expect=2)
    assert message in printed
    assert not (tmp_path / "raw").exists()


def test_an_output_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "raw").touch()
    assert "is not a folder" in run("--output", tmp_path / "raw", expect=1)


@pytest.mark.parametrize("name", ["events.parquet", "users.csv", "events/"])
def test_files_of_others_are_never_replaced(tmp_path, name):
    path = tmp_path / name.rstrip("/")
    if name.endswith("/"):
        path.mkdir()
    else:
        path.write_text("theirs")
    printed = run("--users", 5, "--format", "csv", "--output", tmp_path, expect=1)
    assert f"holds {path.name}, which this program did not write" in printed
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_an_interrupted_run_leaves_the_earlier_files(tmp_path):
    make(tmp_path, users=5)
    before = contents(tmp_path)
    words = ["--users", "3000", "--format", "csv", "--output", tmp_path]
    with subprocess.Popen(
        [sys.executable, "-u", SCRIPT, *words], stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".making-*/parts/part-*")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert printed.strip() == "Interrupted: no half-written file is left."
    assert contents(tmp_path) == before
