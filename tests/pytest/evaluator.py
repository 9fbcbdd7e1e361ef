"""What segment rules mean, over raw rows, by plain loops.

This is the meaning of the rules written a second time, from the words of their contract
and not from the SQL that implements them, so that the two can be compared. It is slow
and small: it keeps all rows in memory and asks every rule of every user. Numbers in
brackets are the points of "What it means" in that contract; (values) is its paragraph
on how stored values are read.

A rule is a plain dictionary of its kind and of the arguments that were given, such as
`{"rule": "performed", "event": "purchase", "at_least": 2}`. It must be a legal one:
errors of authors are not looked for.
"""

import csv
import hashlib
import json
import math
import re
from calendar import isleap
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from pathlib import Path
from zoneinfo import ZoneInfo

from raw_contract import EVENT_COLUMNS, USER_COLUMNS

CATALOG = Path(__file__).resolve().parents[2] / "seeds" / "event_catalog.csv"

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = re.compile(
    DATE.pattern + r"([ T]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
ONE_DAY = timedelta(days=1)
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
"""The beginning of time, with a day to spare for any time zone."""


# How raw rows are read


class Number(str):
    """A JSON number as it is written: it is read as a text written as one is."""


def json_object(written):
    """Return a JSON object; what is not a readable one is null and has no keys."""

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(
            written or "", parse_int=Number, parse_float=Number, parse_constant=refuse
        )
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def trait_rank(value):
    """Order traits of the same time: numbers by value above texts (2)."""
    amount = number(value) if isinstance(value, Number) else None
    return (
        amount is not None,
        amount or 0,
        value if isinstance(value, str) else json_text(value),
        json_text(value),
    )


def json_text(value):
    """Return the JSON text of a value."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(json_text, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json_text(key)}:{json_text(one)}" for key, one in value.items())
        return f"{{{','.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def timestamp(written):
    """Return an instant, in UTC unless the text has an offset; None if unreadable."""
    if not TIMESTAMP.fullmatch(written):
        return None
    try:
        read = datetime.fromisoformat(written)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def plain_date(written):
    """Return the date of the first ten characters, whatever time follows them."""
    read = timestamp(written[:10])
    return read and read.date()


def rounded(value, digits):
    """Return a number with so many decimals, halves away from zero."""
    size = math.floor(abs(value) * 10**digits + Fraction(1, 2))
    return Fraction(size if value >= 0 else -size, 10**digits)


def money(written):
    """Return a decimal(18,4); a number too large for it is missing."""
    value = number(written)
    amount = None if value is None else rounded(value, 4)
    return None if amount is None or abs(amount) >= 10**14 else amount


def whole(written):
    """Return an integer of 32 bits: 3.0 is 3, while 2.5 and 1e1 are missing."""
    value = None if "e" in (written or "").lower() else number(written)
    fits = value is not None and value.denominator == 1 and -(2**31) <= value < 2**31
    return int(value) if fits else None


READERS = {
    "varchar": str,
    "timestamp": timestamp,
    "date": plain_date,
    "decimal(18,4)": money,
    "integer": whole,
    "boolean": lambda written: truth(written.lower()),
}


def read_row(row, columns):
    """Return the columns of a raw row, each by its type in the raw contract."""
    return {
        name: None if row.get(name) is None else READERS[kind](row[name])
        for name, kind in columns.items()
    }


# How stored values are read and compared (values)


def number(stored):
    """Read a number: a JSON number or text written as one, nothing else."""
    if isinstance(stored, str):
        return Fraction(stored) if NUMBER.fullmatch(stored) else None
    if isinstance(stored, int | Fraction) and not isinstance(stored, bool):
        return Fraction(stored)
    return None


def truth(stored):
    """Read a boolean: JSON true or false or those words."""
    if isinstance(stored, str):
        return {"true": True, "false": False}.get(stored)
    return stored if isinstance(stored, bool) else None


def text(stored):
    """Read a text; a list or an object has none."""
    if isinstance(stored, bool):
        return "true" if stored else "false"
    if isinstance(stored, Fraction):
        return f"{Decimal(stored.numerator) / stored.denominator:.4f}"
    return str(stored) if isinstance(stored, str | int | date) else None


def local_date(stored, zone):
    """Read a date: alone it is never shifted, a time is UTC unless it has an offset."""
    if isinstance(stored, str):
        if DATE.fullmatch(stored):
            return plain_date(stored)
        stored = timestamp(stored)
    if isinstance(stored, datetime):
        return stored.astimezone(zone).date()
    return stored if isinstance(stored, date) else None


def exact(value):
    """Return a number of a rule as it is written, not as a float holds it."""
    return Fraction(str(value))


def is_anniversary(born, day):
    """Say whether a day has the month and day of a date; see `compare`."""
    if (born.month, born.day) == (2, 29) and not isleap(day.year):
        return (day.month, day.day) == (2, 28)
    return (day.month, day.day) == (born.month, born.day)


NEGATIVES = {
    "!=": "=",
    "not between": "between",
    "not in": "in",
    "not contains": "contains",
    "not matches": "matches",
    "not within days": "within days",
    "is not set": "is set",
}
ORDERS = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
TEXT_TESTS = {
    "contains": lambda stored, part: part in stored,
    "starts with": str.startswith,
    "ends with": str.endswith,
    "matches": lambda stored, pattern: bool(re.search(pattern, stored, re.ASCII)),
}
DAY_TESTS = {
    "within days": lambda stored, days, day: 0 <= (day - stored).days < days,
    "in next days": lambda stored, days, day: 1 <= (stored - day).days <= days,
    "anniversary in next days": lambda stored, days, day: any(
        is_anniversary(stored, day + ahead * ONE_DAY) for ahead in range(1, days + 1)
    ),
    "before": lambda stored, limit, day: stored < date.fromisoformat(limit),
    "after": lambda stored, limit, day: stored > date.fromisoformat(limit),
    "on": lambda stored, limit, day: stored == date.fromisoformat(limit),
}
OPERATORS = {*NEGATIVES, *ORDERS, *TEXT_TESTS, *DAY_TESTS, "between", "in", "is set"}


def compare(stored, operator, value, day, zone):
    """Say whether a stored value compares so on a date; a missing one never does (4).

    A negative operator is the exact complement of its positive one. Of a list only
    `contains` and `is set` can hold; an object is missing. Text has the order of its
    UTF-8 bytes (9), which is that of its code points, as in Python. The anniversary of
    29 February is 28 February in other years.
    """

    def holds(operator, value):
        return compare(stored, operator, value, day, zone)

    if operator in NEGATIVES:
        return not holds(NEGATIVES[operator], value)
    if operator == "is set":
        return not isinstance(stored, dict) and stored not in (None, "", [])
    if operator == "in":
        return any(holds("=", one) for one in value)
    if operator == "between":
        return holds(">=", value[0]) and holds("<=", value[1])
    if isinstance(stored, list):
        return operator == "contains" and any(text(one) == value for one in stored)
    if operator in DAY_TESTS:
        read = local_date(stored, zone)
        return read is not None and DAY_TESTS[operator](read, value, day)
    if operator in TEXT_TESTS:
        read = text(stored)
        return read is not None and TEXT_TESTS[operator](read, value)
    if isinstance(value, bool):
        read = truth(stored)
    elif isinstance(value, str):
        read = text(stored)
    else:
        read, value = number(stored), exact(value)
    return read is not None and ORDERS[operator](read, value)


def find(values, name):
    """Return what a name reaches in JSON: a key as written, else a path with dots."""
    if name in values:
        return values[name]
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


# Who is who


@dataclass(frozen=True)
class Event:
    """One event, with its local date; columns are `values`."""

    order: tuple
    date: date
    values: dict
    properties: dict

    def value(self, name):
        """A column hides a property of the same name; `properties.x` reaches it."""
        if name in self.values:
            return self.values[name]
        return find(self.properties, name.removeprefix("properties."))

    def is_named(self, names):
        """A trailing `*` makes a prefix; `_`, and `*` elsewhere, are plain."""
        own = self.values["event_name"]
        return any(
            own.startswith(name[:-1]) if name.endswith("*") else own == name
            for name in ([names] if isinstance(names, str) else names)
        )

    def follows(self, earlier, gap_days):
        """Strictly after (time, then event_id), local dates at most the gap apart."""
        near = gap_days is None or abs((self.date - earlier.date).days) <= gap_days
        return self.order > earlier.order and near


@dataclass(frozen=True)
class User:
    """What is known of a user on a date; the events are in order."""

    user_id: str
    events: list
    facts: dict
    traits: dict


def usable_events(rows, zone, load_date):
    """Return each event once, in order of time, then event_id (7).

    Rows that cannot be used go first, so that a rejected delivery never wins.
    """
    winners = {}
    for row in rows:
        values = read_row(row, EVENT_COLUMNS)
        for name in ("event_id", "event_name", "user_id", "anonymous_id"):
            values[name] = values[name] or None
        occurred_at = values["occurred_at"]
        received_at = values.pop("received_at") or occurred_at
        if not (values["event_id"] and values["event_name"] and occurred_at):
            continue
        if not (values["user_id"] or values["anonymous_id"]):
            continue
        arrived_on = min(received_at.date(), load_date or date.max)
        if (occurred_at.date() - arrived_on).days > 1:
            continue
        others = [(value is None, value) for value in values.values()]
        rank = received_at, occurred_at, others
        event_id = values["event_id"]
        if event_id not in winners or rank < winners[event_id][0]:
            day = local_date(occurred_at, zone)
            properties = json_object(values.pop("properties"))
            event = Event(
                (occurred_at, event_id), day, values | {"occurred_at": day}, properties
            )
            winners[event_id] = rank, event
    return sorted((event for _, event in winners.values()), key=lambda one: one.order)


def profile_changes(rows):
    """Return user, instant, columns and traits of each change, in order of time."""
    changes = []
    for row in rows:
        values = read_row(row, USER_COLUMNS)
        user_id, updated_at = values.pop("user_id"), values.pop("updated_at")
        if user_id and (updated_at or not row.get("updated_at")):
            at = updated_at or values["signed_up_at"] or BEGINNING
            changes.append((user_id, at, values, json_object(values.pop("traits"))))
    return sorted(changes, key=lambda change: change[1])


def last_values(changes, rank=lambda value: value):
    """Return the last non-null value of each key; empty text clears it (2).

    The changes are pairs of instant and values, in order of time. Of two values of the
    same time the larger one counts.
    """
    latest = {}
    for at, values in changes:
        for key, value in values.items():
            if value is None:
                continue
            known_at, known = latest.get(key, (None, None))
            if at != known_at or rank(value) > rank(known):
                latest[key] = at, value
    return {key: value for key, (_, value) in latest.items() if value != ""}


class Evaluator:
    """What the rules mean, over raw rows, by plain loops.

    `events` and `users` are raw rows as dictionaries of texts; a column that is not
    there is null. `load_date` is the day of loading, against which events of the future
    are rejected.
    """

    def __init__(self, events, users, *, time_zone="UTC", load_date=None):
        self.zone = ZoneInfo(time_zone)
        self.events = usable_events(events, self.zone, load_date)
        self.changes = profile_changes(users)
        with open(CATALOG, encoding="utf-8", newline="") as file:
            self.catalog = {row["event_name"]: row for row in csv.DictReader(file)}
        self._users_on = {}

    def population(self, day):
        """Return the ids of everyone with an event or a profile up to a date (3)."""
        return set(self.users_on(day))

    def members(self, rule, day, population=None, others=None):
        """Return the ids of the users for whom a rule holds on a date.

        `population` is a rule, too: only users for whom it holds are asked, and ranks
        are among them; a rank inside it is over everyone (8). `others` are the segments
        of other segmentations: (model, date) to user_id to a set of names.
        """
        users = self.users_on(day)
        if population is not None:
            considered = self.members(population, day, others=others)
            users = {user_id: users[user_id] for user_id in considered}
        as_of = AsOf(day, self.zone, users, others or {})
        return {user_id for user_id in users if as_of.holds(rule, users[user_id])}

    def holds(self, rule, user, day, population=None, others=None):
        """Say whether a rule holds for one user; see `members`."""
        return user in self.members(rule, day, population, others)

    def users_on(self, day):
        """Return everyone known on a date, by id, with what is known of each."""
        if day not in self._users_on:
            self._users_on[day] = self._observe(day)
        return self._users_on[day]

    def _observe(self, day):
        """An anonymous id belongs to the user it was last seen with up to the date.

        Not linked by then it is a user of its own (10). Neither events nor changes of
        profiles after the date exist (2).
        """
        events, changes = defaultdict(list), defaultdict(list)
        seen = [event for event in self.events if event.date <= day]
        ids = [
            (event.values["user_id"], event.values["anonymous_id"]) for event in seen
        ]
        owners = {}
        for event in sorted(seen, key=lambda event: event.date):
            if event.values["user_id"] and event.values["anonymous_id"]:
                owners[event.values["anonymous_id"]] = event.values["user_id"]
        for event, (user, device) in zip(seen, ids, strict=True):
            events[user or owners.get(device, device)].append(event)
        # Where clocks go back over midnight the later of two may be on the day before.
        dated = [(local_date(change[1], self.zone), change) for change in self.changes]
        for changed_on, (user, *change) in sorted(dated, key=lambda pair: pair[0]):
            if changed_on <= day:
                changes[user].append(change)
        alone = {device for user, device in ids if not user} - owners.keys()
        users = {}
        for user in events.keys() | changes.keys():
            profile = last_values((at, values) for at, values, _ in changes[user])
            traits = last_values(
                ((at, values) for at, _, values in changes[user]), trait_rank
            )
            profile["is_anonymous"] = user in alone
            facts = self._facts(profile, events[user], day)
            users[user] = User(user, events[user], facts, traits)
        return users

    def _facts(self, profile, events, day):
        """Return the columns of `users` and the computed ones that rules may read."""
        groups, active = defaultdict(list), []
        for event in events:
            known_as = self.catalog.get(event.values["event_name"], {})
            groups[known_as.get("event_group")].append(event)
            if known_as.get("is_activity") != "false":
                active.append(event)
        purchases = groups["purchase"]
        signed_up_on = local_date(profile.get("signed_up_at"), self.zone)
        known_from = [event.date for event in events]
        known_from += [signed_up_on] if signed_up_on else []
        by_date = sorted(active, key=lambda event: event.date)
        platforms = [event.values["platform"] for event in by_date]
        platforms = [platform for platform in platforms if platform]
        revenue = [
            event.values["revenue"] or 0 for event in purchases + groups["refund"]
        ]
        return {
            **dict.fromkeys(USER_COLUMNS.keys() - {"user_id", "updated_at", "traits"}),
            **profile,
            "signed_up_at": signed_up_on,
            "purchase_count": len(purchases),
            "purchase_count_30d": sum((day - one.date).days < 30 for one in purchases),
            "revenue": Fraction(sum(revenue)),
            "days_since_last_active": (
                (day - max(event.date for event in active)).days if active else None
            ),
            "tenure_days": (day - min(known_from)).days if known_from else None,
            "last_platform": platforms[-1] if platforms else None,
        }


# The rules

BOUNDS = {"at_least": ge, "at_most": le, "exactly": eq}


def measured(events, measure, of):
    """Return the measure over events; sum and its like are None over nothing (5)."""
    if measure == "count":
        return len(events)
    if measure == "days":
        return len({event.date for event in events})
    stored = [event.value(of) for event in events]
    if measure == "distinct":
        return len({text(value) for value in stored} - {None})
    numbers = [read for value in stored if (read := number(value)) is not None]
    if not numbers:
        return None
    if measure == "avg":
        return rounded(sum(numbers) / len(numbers), 6)
    return rounded({"sum": sum, "min": min, "max": max}[measure](numbers), 6)


@dataclass(frozen=True)
class AsOf:
    """The rules on one date: a method a kind, with the arguments of that kind."""

    day: date
    zone: ZoneInfo
    users: dict
    others: dict

    def holds(self, rule, user):
        given = {name: value for name, value in rule.items() if value is not None}
        return getattr(self, given.pop("rule"))(user, **given)

    def compares(self, stored, operator, value=None):
        return compare(stored, operator, value, self.day, self.zone)

    def meets(self, event, where):
        """A condition is a value, a list of values or [operator, value]."""
        for name, written in (where or {}).items():
            if not isinstance(written, list):
                written = ["=", written]
            elif not (isinstance(written[0], str) and written[0] in OPERATORS):
                written = ["in", written]
            if not self.compares(event.value(name), *written):
                return False
        return True

    def matching(self, user, event, where=None):
        """Return the events of a user that match; `event` may be a whole step."""
        if isinstance(event, dict):
            event, where = event["event"], event.get("where")
        return [
            one for one in user.events if one.is_named(event) and self.meets(one, where)
        ]

    def is_in(self, event, within_days=None, until_days_ago=0, since=None, until=None):
        """The local date is within all limits that are given (1)."""
        days_ago = (self.day - event.date).days
        return (
            days_ago >= until_days_ago
            and (within_days is None or days_ago < within_days)
            and (since is None or event.date >= date.fromisoformat(since))
            and (until is None or event.date <= date.fromisoformat(until))
        )

    def performed(
        self, user, event, where=None, measure="count", of=None, **bounds_and_window
    ):
        """The measure is in the bounds, which are inclusive (6)."""
        window = {k: v for k, v in bounds_and_window.items() if k not in BOUNDS}
        bounds = {k: v for k, v in bounds_and_window.items() if k in BOUNDS}
        found = self.matching(user, event, where)
        found = [one for one in found if self.is_in(one, **window)]
        value = measured(found, measure, of)
        return value is not None and all(
            BOUNDS[name](value, exact(bound))
            for name, bound in (bounds or {"at_least": 1}).items()
        )

    def not_performed(self, user, event, **arguments):
        return not self.performed(user, event, **arguments)

    def first_performed(self, user, event, within_days=None, where=None):
        """The first event ever is in the window; without one, whether there is any."""
        found = self.matching(user, event, where)
        return bool(found) and self.is_in(found[0], within_days)

    def last_performed(self, user, event, having=None, where=None):
        """The last event ever meets `having`; without it, whether there is any."""
        found = self.matching(user, event, where)
        return bool(found) and self.meets(found[-1], having)

    def performed_in_order(self, user, steps, within_days=None, gap_days=None):
        """Keep, step by step, every event that some choice of earlier ones leads to."""
        reached = None
        for step in steps:
            reached = [
                event
                for event in self.matching(user, step)
                if self.is_in(event, within_days)
                and (
                    reached is None
                    or any(event.follows(earlier, gap_days) for earlier in reached)
                )
            ]
        return bool(reached)

    def performed_without(self, user, first, then, gap_days=None, within_days=None):
        """Only `first` must be in the window; `then` is any event up to the date."""
        followers = self.matching(user, then)
        return any(
            self.is_in(event, within_days)
            and not any(later.follows(event, gap_days) for later in followers)
            for event in self.matching(user, first)
        )

    def performed_regularly(
        self, user, event, period_days, of_last, at_least=1, periods=None, where=None
    ):
        """Period 0 ends on the date, each further one just before the one after it."""
        counts = [0] * of_last
        for one in self.matching(user, event, where):
            period = (self.day - one.date).days // period_days
            if period < of_last:
                counts[period] += 1
        enough = sum(count >= at_least for count in counts)
        return enough >= (of_last if periods is None else periods)

    def fact(self, user, column, operator, value=None):
        return self.compares(user.facts[column], operator, value)

    def trait(self, user, name, operator, value=None):
        return self.compares(find(user.traits, name), operator, value)

    def in_segment(self, user, model, segment):
        """The user has the segment, or one of them, in that model on the same date."""
        held = self.others.get((model, self.day), {}).get(user.user_id, set())
        return not held.isdisjoint([segment] if isinstance(segment, str) else segment)

    def top_percent(self, user, column, percent):
        return self._in_share(user, column, percent, ge)

    def bottom_percent(self, user, column, percent):
        return self._in_share(user, column, percent, le)

    def _in_share(self, user, column, percent, is_as_good):
        """Ties stay together and never exceed the share; missing is never in (8)."""
        own = user.facts[column]
        values = [one.facts[column] for one in self.users.values()]
        values = [value for value in values if value is not None]
        return own is not None and (
            sum(is_as_good(value, own) for value in values) * 100
            <= exact(percent) * len(values)
        )

    def random_split(self, user, percent, salt):
        limit = math.ceil(exact(percent) * 2**32 / 100)
        digits = hashlib.md5(f"{salt}:{user.user_id}".encode()).hexdigest()[:8]
        # The limit of everyone has nine digits, and as text would be the smallest.
        return limit == 2**32 or digits < f"{limit:08x}"

    def everyone(self, user):
        return True

    def all_of(self, user, rules):
        return all(self.holds(rule, user) for rule in rules)

    def any_of(self, user, rules):
        return any(self.holds(rule, user) for rule in rules)

    def none_of(self, user, rules):
        return not self.any_of(user, rules)
