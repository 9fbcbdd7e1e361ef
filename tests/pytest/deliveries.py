"""Small raw data of a shop as they arrive: a file of events for each day, in turn
Parquet, CSV and NDJSON, and files of profiles, in three deliveries.

The file of a day holds what was received on it. So later deliveries bring, besides new
days, late rows and second deliveries for old days, refunds, profile changes and the
logins that tell whose earlier anonymous events were. The same call gives the same files
with the same times of change.
"""

import csv
import json
import os
import shutil
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb

from raw_contract import EVENT_COLUMNS, USER_COLUMNS

USERS = 60
DAYS = 40
FIRST_DAY = datetime(2026, 5, 1)
DELIVERED_DAYS = {1: range(36), 2: range(36, 38), 3: range(38, DAYS)}
"""Days in each delivery. The second ends on a Sunday, which is a snapshot date."""
LOAD_DATE = (FIRST_DAY + timedelta(days=DAYS)).date()

PROFILE_DAYS = (0, 12, 25, 36, 38)
LINKED_LATE = range(5)
"""Users with weeks of anonymous events who log in when the second delivery comes."""
FORMATS = ("parquet", "csv", "ndjson")
CATEGORIES = ("shoes", "books", "home", "kids")
BROWSING = ("page_viewed", "product_viewed", "product_added_to_cart", "search")
DEVICES = (
    {"platform": "web", "device_type": "desktop", "os": "Linux", "browser": "Firefox"},
    {"platform": "ios", "device_type": "phone", "os": "iOS", "browser": None},
    {"platform": "android", "device_type": "phone", "os": "Android", "browser": None},
)
UNREADABLE_LINE = '{"event_id": "cut off'
LAST_EVENT_ID = "last of its day"


def file_of_day(table, day):
    """Where the raw rows of a table that were received on a day stand below raw/."""
    name = f"{FIRST_DAY + timedelta(days=day):%Y-%m-%d}.{FORMATS[day % len(FORMATS)]}"
    return Path(table, name)


def deliver(number, raw):
    """Put the files of a delivery into the folder of raw input."""
    shutil.copytree(written(number), raw, dirs_exist_ok=True)


@cache
def written(number):
    """The folder with the files of a delivery, written once."""
    folder = Path(_folder().name, str(number))
    for day in DELIVERED_DAYS[number]:
        _write(folder / file_of_day("events", day), EVENT_COLUMNS, events()[day])
        if day in PROFILE_DAYS:
            _write(folder / file_of_day("users", day), USER_COLUMNS, profiles(day))
    return folder


@cache
def _folder():
    return TemporaryDirectory(prefix="deliveries_")


@cache
def events():
    """The raw rows of events by the day on which they were received."""
    dice = Random(20260501)
    by_day = {day: [] for day in range(DAYS)}
    for user in range(USERS):
        for number, event in enumerate(_life(dice, user)):
            occurred_at = event["occurred_at"]
            happened = (occurred_at - FIRST_DAY).days
            late = dice.randint(1, 20) if dice.random() < 0.08 else 0
            again = dice.randint(1, 6) if dice.random() < 0.03 else None
            event |= {"event_id": f"e{user:02d}_{number:03d}"}
            if dice.random() < 0.01:
                broken = dice.choice(["event_name", "occurred_at"])
                event |= {broken: {"occurred_at": "yesterday"}.get(broken)}
            for delay, changed in ((late, {}), (again, {"city": "Second delivery"})):
                if delay is not None and happened + delay < DAYS:
                    row = event | changed
                    row["received_at"] = occurred_at + timedelta(days=delay, seconds=2)
                    by_day[happened + delay].append(row)
    # So that the end of a file, which may be cut off, is a row of a known user.
    for day, rows in by_day.items():
        at = datetime.combine(FIRST_DAY + timedelta(days=day), time(23, 50))
        last = {"event_id": f"{LAST_EVENT_ID} {day}", "event_name": "purchase"}
        last |= {"occurred_at": at, "received_at": at, "user_id": "user_10"}
        rows.append(last | {"revenue": "20.00", "properties": '{"category": "kids"}'})
    return by_day


def _life(dice, user):
    """The events of a user; before the first login they are those of a device."""
    first_day = dice.randrange(25)
    login_day = first_day + dice.randrange(15)
    if user in LINKED_LATE:
        first_day, login_day = 10 + user, 36 + user % 2
    eagerness = dice.choice([0.1, 0.3, 0.6])
    device = dice.choice(DEVICES)
    for day in range(first_day, DAYS):
        if day != login_day and dice.random() > eagerness:
            continue
        at = FIRST_DAY + timedelta(days=day, minutes=dice.randrange(1380))
        who = {"anonymous_id": f"device_{user:02d}", "country": "DE"} | device
        if day >= login_day:
            who["user_id"] = f"user_{user:02d}"
            yield who | {"event_name": "login", "occurred_at": at}
        for _ in range(dice.randint(1, 3)):
            at += timedelta(minutes=dice.randint(1, 4))
            category = json.dumps({"category": dice.choice(CATEGORIES)})
            event = {"event_name": dice.choice(BROWSING), "properties": category}
            yield who | event | {"occurred_at": at}
        if day >= login_day and dice.random() < 0.4:
            cents = dice.randint(500, 20000)
            paid = {"revenue": f"{cents / 100:.2f}", "quantity": "1"}
            bought = {"event_name": "purchase", "properties": category}
            yield who | bought | paid | {"occurred_at": at + timedelta(minutes=1)}
            if dice.random() < 0.15 and day + 2 < DAYS:
                back = {"event_name": "refund", "revenue": f"-{cents / 100:.2f}"}
                yield who | back | {"occurred_at": at + timedelta(days=2)}


def profiles(day):
    """The raw rows of profiles that came on a day: all at first, then changes."""
    dice = Random(day)
    at = FIRST_DAY + timedelta(days=day, hours=6)
    for user in range(USERS):
        if day == 0 or dice.random() < 0.15:
            yield {
                "user_id": f"user_{user:02d}",
                # Some changes are told days after they were made.
                "updated_at": at - timedelta(days=dice.choice([0, 0, 9]) if day else 0),
                "signed_up_at": FIRST_DAY,
                "email": f"user_{user}@example.org",
                "country": "DE",
                "city": dice.choice(["Berlin", "Köln", None]),
                "plan": dice.choice(["free", "basic", "premium"]),
                "marketing_consent": dice.choice(["true", "false"]),
                "traits": json.dumps({"newsletter": dice.choice(["yes", "no"])}),
            }
    yield {"user_id": None, "updated_at": at, "email": "nobody@example.org"}


def _write(file, columns, rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [{name: _text(row.get(name)) for name in columns} for row in rows]
    {"parquet": _write_parquet, "csv": _write_csv, "ndjson": _write_ndjson}[
        file.suffix[1:]
    ](file, columns, rows)
    changed_at = datetime.fromisoformat(file.stem).replace(tzinfo=UTC).timestamp()
    os.utime(file, (changed_at, changed_at))


def _text(value):
    return value if value is None else str(value)


def _write_csv(file, columns, rows):
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_ndjson(file, _columns, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    lines.insert(1, UNREADABLE_LINE)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_parquet(file, columns, rows):
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        as_csv = Path(folder, "rows.csv")
        _write_csv(as_csv, columns, rows)
        connection.execute(
            "copy (select * from read_csv($rows, header = true, all_varchar = true)) "
            "to $file (format parquet)",
            {"rows": str(as_csv), "file": str(file)},
        )
