"""Random schedules of how raw rows reach a warehouse: in which batch, file and order.

A schedule is a small world of its own, a few users and devices whose ids begin with
`s<seed>_`, so that many of them share a warehouse and a difference names the one that
it comes from. Rows arrive late, doubled, without a time of arrival or unusable; a
device is linked to a user, or handed to another one, long after its events were
delivered; files are written again with fewer or other rows, or the same ones.

What the schedules of a warehouse share is its timeline: an event of nobody's schedule
in each batch makes the days of the batches those that the timeline says. The first of
all events is in the first batch, so that the calendar does not grow backwards.
"""

import csv
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

import duckdb

from raw_contract import CONTRACT

NAMESPACE = re.compile(r"s\d+(?=_)")

EVENT_NAMES = ["purchase", "product_viewed"] * 2
EVENT_NAMES += ["refund", "login", "page_viewed", "search", "product_added_to_cart"]
EVENT_NAMES += ["email_delivered", "not_in_the_catalog"]
CATEGORIES = ["shoes", "shirts", "hats", None]
CITIES = ["Rome", "Oslo", "", None]
PLATFORMS = ["ios", "android", "web", "", None]
DEVICE_TYPES = ["mobile", "desktop", "tablet", None]
PRICES = ["5", "10", "9.99", "20.5", "100"]
NO_PRICES = ["abc", "", None]
CLOCKS = [time(0), time(23, 59, 59), time(12), time(0, 30), time(1, 45), time(8, 20)]
DAYS_BEFORE = [0, 0, 0, 1, 2, 6, 7, 8, 13, 14, 29, 30, 31, -1]
BATCHES_LATE = [0, 0, 0, 0, 1, 1, 2, 3]
FORMATS = ["ndjson", "csv", "parquet"]
UNUSABLE_EVENTS = [
    {"event_id": None},
    {"event_name": ""},
    {"user_id": None, "anonymous_id": ""},
    {"occurred_at": "yesterday"},
]
UNUSABLE_PROFILES = [{"user_id": None}, {"updated_at": "yesterday"}]


def written(instant):
    """An instant, or none, as raw rows have it."""
    return instant and f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Batch:
    """When a batch comes: D after it, and whether its data reach past the end of D."""

    day: date
    reaches_past: bool


@dataclass(frozen=True)
class Timeline:
    """What all schedules of a warehouse share."""

    time_zone: str
    first_day: date
    batches: tuple[Batch, ...]

    @cached_property
    def zone(self):
        return ZoneInfo(self.time_zone)

    def at(self, day, clock):
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def end(self, batch):
        """The last second of D."""
        return self.at(batch.day, time(23, 59, 59))

    def arrival(self, batch):
        """The last moment that the data of a batch know of."""
        if batch.reaches_past:
            return self.at(batch.day + timedelta(1), time(12))
        return self.end(batch)

    def reached(self, number):
        """The last day of arrival that the data up to a batch know of."""
        batches = self.batches[: number + 1]
        return max(batch.day + timedelta(batch.reaches_past) for batch in batches)

    def first_batch(self, instant):
        """The number of the first batch that can know of an instant, or of the last."""
        ends = enumerate(map(self.end, self.batches))
        last = len(self.batches) - 1
        return next((number for number, end in ends if instant <= end), last)

    def files(self):
        """For each batch a file of events that belong to no schedule."""
        batches = []
        for number, batch in enumerate(self.batches):
            days = [self.first_day, batch.day] if number == 0 else [batch.day]
            rows = [
                {
                    "event_id": f"anchor_{number}_{day}",
                    "event_name": "page_viewed",
                    "user_id": "anchor",
                    "occurred_at": written(self.at(day, time(12))),
                    "received_at": written(self.arrival(batch)),
                }
                for day in days
            ]
            batches.append({f"events/anchor-{number}.ndjson": rows})
        return batches


class Schedule:
    """The random deliveries of one seed on a timeline."""

    def __init__(self, seed, timeline):
        self.name = f"s{seed}"
        self.timeline = timeline
        self.random = Random(f"{seed} {timeline}")
        self.users = [f"{self.name}_u{number}" for number in range(1, 4)]
        self.devices = [f"{self.name}_a{number}" for number in range(1, 5)]
        if self.chance(0.15):
            # The seed of excluded users knows this kind of name.
            self.devices[-1] = f"bot_{self.name}_a4"

    def files(self):
        """For each batch the files that it brings or writes again: rows by path."""
        delivered = {"events": self.event_deliveries(), "users": self.user_deliveries()}
        known, batches = {}, []
        for number in range(len(self.timeline.batches)):
            files = self.written_again(known)
            for table, deliveries in delivered.items():
                rows = [row for batch, row in deliveries if batch == number]
                self.random.shuffle(rows)
                ending = self.random.choice(FORMATS)
                if rows:
                    files[f"{table}/{self.name}-{number}.{ending}"] = rows
            known |= files
            batches.append(files)
        return batches

    def written_again(self, known):
        """At times one earlier file, with fewer or other rows, or the same ones."""
        if not known or self.chance(0.6):
            return {}
        path = self.random.choice(list(known))
        if self.chance(0.2):
            return {path: known[path]}
        rows = [row for row in known[path] if self.chance(0.8)]
        return {path: [self.changed(row) if self.chance(0.2) else row for row in rows]}

    def changed(self, row):
        """A row with another value that matters, but no other time."""
        if "event_id" in row:
            return row | {"revenue": self.random.choice(PRICES), "city": "Lima"}
        return row | {"plan": "changed", "traits": '{"tier": "gold"}'}

    # Events

    def event_deliveries(self):
        """Pairs of the number of a batch and a row."""
        deliveries = []
        for number in range(self.random.randint(25, 40)):
            instant = self.moment()
            batch = self.late(self.first_batch_of_event(instant))
            row = self.event(f"{self.name}_e{number}", instant, batch)
            deliveries.append((batch, row))
            while self.chance(0.25):
                again = self.random.randint(batch, len(self.timeline.batches) - 1)
                deliveries.append((again, self.delivered_again(row, instant, again)))
            if self.chance(0.06):
                flaw = self.random.choice(UNUSABLE_EVENTS)
                deliveries.append((batch, row | flaw))
        return deliveries

    def moment(self):
        """A time that is near the end of a window of some batch, or any."""
        first, last = self.timeline.first_day, self.timeline.batches[-1].day
        day = first + timedelta(self.random.randint(0, (last - first).days))
        if self.chance(0.5):
            near = self.random.choice(self.timeline.batches).day
            day = near - timedelta(self.random.choice(DAYS_BEFORE))
        clock = self.random.choice(CLOCKS)
        return self.timeline.at(min(max(day, first), last), clock)

    def first_batch_of_event(self, instant):
        """Some events are told of before they happen, and do not exist on D then."""
        number = self.timeline.first_batch(instant)
        before = self.timeline.batches[max(number - 1, 0)]
        ahead = instant - self.timeline.end(before)
        may_be_told = (
            timedelta(0) < ahead < timedelta(hours=20)
            and self.timeline.reached(number - 1) == before.day
        )
        return number - (may_be_told and self.chance(0.3))

    def late(self, batch):
        last = len(self.timeline.batches) - 1
        return min(batch + self.random.choice(BATCHES_LATE), last)

    def event(self, event_id, instant, batch):
        name = self.random.choice(EVENT_NAMES)
        properties = {
            "category": self.random.choice(CATEGORIES),
            "amount": self.random.choice([5, 10, 20, "30", None]),
            "discount_amount": self.random.choice([0, 0, 2.5]),
        }
        return {
            "event_id": event_id,
            "event_name": name,
            "occurred_at": written(instant),
            "received_at": self.received_at(instant, batch),
            **self.identity(),
            "revenue": self.revenue(name),
            "quantity": self.random.choice(["1", "2", None]),
            "platform": self.random.choice(PLATFORMS),
            "device_type": self.random.choice(DEVICE_TYPES),
            "city": self.random.choice(CITIES),
            "properties": json.dumps(properties) if self.chance(0.9) else "{cut off",
        }

    def identity(self):
        user, device = self.random.choice(self.users), self.random.choice(self.devices)
        kind = self.random.random()
        return {
            "user_id": user if kind < 0.55 else None,
            "anonymous_id": device if kind > 0.3 else None,
        }

    def revenue(self, name):
        price = self.random.choice(PRICES)
        if name == "refund":
            return f"-{price}"
        return price if self.chance(0.85) else self.random.choice(NO_PRICES)

    def received_at(self, instant, batch):
        """When an event arrived, as it says itself: nothing, soon, with its batch."""
        arrival = self.timeline.arrival(self.timeline.batches[batch])
        if instant > arrival:
            return written(arrival)
        kind = self.random.random()
        if kind < 0.3:
            return self.random.choice([None, "", "later"])
        if kind < 0.35:
            # Too long before it happened: rejected.
            return written(instant - timedelta(days=3))
        if kind < 0.65:
            soon = instant + timedelta(minutes=self.random.randint(0, 300))
            return written(min(soon, arrival))
        return written(arrival - timedelta(minutes=self.random.randint(0, 300)))

    def delivered_again(self, row, instant, batch):
        """The same event: the same row, or another one that arrived earlier or later.

        The other one has another city, so that the two are never equal in all that
        decides which counts.
        """
        if self.chance(0.3):
            return row
        first_moment = self.timeline.at(self.timeline.first_day, time(12))
        earlier = max(instant - timedelta(days=1), min(instant, first_moment))
        name = self.random.choice(EVENT_NAMES)
        changes = [
            {"occurred_at": written(earlier)},
            {"event_name": name, "revenue": self.revenue(name)},
            self.identity(),
            {"properties": '{"category": "hats", "amount": 40}'},
            {},
        ]
        arrival = self.timeline.arrival(self.timeline.batches[batch])
        hours = self.random.choice([-30, -3, -1, 1, 30])
        received_at = min(instant + timedelta(hours=hours), arrival)
        return (
            row
            | self.random.choice(changes)
            | {"received_at": written(received_at), "city": f"again {batch}"}
        )

    # Profiles

    def user_deliveries(self):
        """Pairs of the number of a batch and a row."""
        deliveries = []
        for _ in range(self.random.randint(4, 9)):
            instant = self.moment()
            batch = self.late(self.timeline.first_batch(instant))
            row = self.profile(instant)
            deliveries.append((batch, row))
            while self.chance(0.25):
                again = self.random.randint(batch, len(self.timeline.batches) - 1)
                other = {"plan": self.plan(), "traits": self.traits()}
                deliveries.append((again, row | (other if self.chance(0.6) else {})))
            if self.chance(0.08):
                flaw = self.random.choice(UNUSABLE_PROFILES)
                deliveries.append((batch, row | flaw))
        return deliveries

    def profile(self, instant):
        user = self.random.choice([*self.users, f"{self.name}_u4"])
        signed_up_at = instant - timedelta(days=self.random.choice([0, 5, 29, 30]))
        domain = "demoshop.example" if self.chance(0.05) else "mail.example"
        return {
            "user_id": user,
            "updated_at": written(instant) if self.chance(0.85) else None,
            "signed_up_at": written(signed_up_at) if self.chance(0.5) else None,
            "email": f"{user}@{domain}" if self.chance(0.5) else None,
            "city": self.random.choice(CITIES),
            "plan": self.plan(),
            "birth_date": self.random.choice(["1990-03-10", "2000-02-29", None]),
            # Always unreadable, for which of two rows is counted so is left open.
            "company_size": "many" if user.endswith("u3") else "10",
            "marketing_consent": self.random.choice(["true", "false", None]),
            "traits": self.traits(),
        }

    def plan(self):
        return self.random.choice(["basic", "pro", "", None])

    def traits(self):
        tier = self.random.choice(["gold", "silver", "", None])
        score = self.random.choice([1, 2, 10, None])
        return json.dumps({"tier": tier, "score": score})

    def chance(self, share):
        return self.random.random() < share


def deliver(raw, files):
    """Write raw files; the format of each is the ending of its name."""
    for path, rows in files.items():
        file = raw / path
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = list(CONTRACT[file.parent.name])
        if file.suffix == ".csv":
            with file.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, columns)
                writer.writeheader()
                writer.writerows(rows)
            continue
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        if file.suffix == ".ndjson":
            file.write_text(lines, encoding="utf-8")
            continue
        table = ", ".join(f"{name} varchar" for name in columns)
        values = [[row.get(name) for name in columns] for row in rows]
        with duckdb.connect() as connection:
            connection.execute(f"create table given ({table})")
            marks = ", ".join("?" * len(columns))
            for row in values:
                connection.execute(f"insert into given values ({marks})", row)
            connection.execute(f"copy given to '{file}' (format parquet)")
