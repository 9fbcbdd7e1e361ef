"""Random worlds and random rules for Hypothesis, and the text of a rule in a model.

A world is raw rows: few users and devices, few event names, and times that favour what
goes wrong: ties, local midnight, changes of the clock, late and double deliveries,
values that cannot be read. Rules are legal, and draw their values mostly from those of
the worlds, with small thresholds, so that they hold for some users and not for others.

Pools begin with their simplest value, because that is what Hypothesis shrinks to. What
the contract leaves open is not drawn: deliveries that tie in both times and differ in
more than one text, the text of money or of a number written like 1e2 or 1.50, a name
that is a key with a null and a path, too, an anonymous id that is a user's id.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from evaluator import OPERATORS, timestamp
from hypothesis import strategies as st

LAST_DAY = date(2024, 3, 31)
"""The last day of worlds, unless another is given."""

SEGMENTATIONS = {"seg_other": ["first", "second", "rest"]}
"""The segmentations that rules refer to, unless others are given."""

# Values

USER_IDS = ["u1", "u2", "ü'%4", "U1", "u3"]
ANONYMOUS_IDS = ["a1", "a2", "a3"]
EVENT_NAMES = [
    "purchase",
    "view",
    "login",
    "view_list",
    "viewXlist",
    "email_open",
    "Purchase",
    "refund",
    "email_delivered",
    "100% o'clock",
    "a*b",
]
CITIES = ["Köln", "Berlin", "berlin", "São Paulo", "O'Hare", "😀", "5% off", "42", ""]
COUNTRIES = ["DE", "", "de", "FR"]
PLATFORMS = ["web", "ios", "Web", ""]
APP_VERSIONS = ["9", "10", "10.5", "1.2.3"]
PLANS = ["basic", "", "gold", "Gold", 'the "best"']
LABELS = ["red", "Red", "blue", "on", "rötlich", "5% off", "a_b", 'say "hi"', "42", ""]
DIGITS = ["1", "2", "10", "x"]
PARTS = ["e", "r", "B", "ö", "%", "_", "'", "😀", "4"]
PATTERNS = ["e", "^[A-Z]", "[0-9]+", "in$", "^$", "r.d", "(red|blue)", "ö", "%", "'"]
WHOLE_NUMBERS = [1, 2, 0, 3, 5, 10, -1, 42]
NUMBERS = [10, 5, 0, 9.99, 1, 20, 100, -10, 5.5, 0.01, 42]
NO_NUMBERS = [" 42 ", "1_000", "NaN", "007", "+5", "5.", ".5", "0x1A", "42d", "abc", ""]

REVENUES = ["10", "9.99", "5.5", "0", "10.00", "100", "0.01", "-10", "1.00005", "1e2"]
REVENUES += [*NO_NUMBERS, "1e20"]
REFUNDS = ["-10", "-5.5", "-0.01", "abc"]
QUANTITIES = ["1", "2", "3", "10", "3.0", "0", "-1", "2.5", "1e1", *NO_NUMBERS]
SIZES = ["1", "10", "42", "10.0", "2.5", "", "many"]
BOOLEANS = ["true", "false", "True", "FALSE", "", "maybe"]

AMOUNTS = [5, 9.99, 42, 0, -3, 100, "42", "5.5", "1e2", *NO_NUMBERS, True, None, [5]]
WORDS = [*LABELS, 5, True, None, ["red", "blue"], [], {"red": 1}]
FLAGS = [True, False, "true", "false", "True", 1, 0, None, [True]]
TAGS = [["red"], ["red", "blue", 42, True], [], ["Red", None, ["red"], {}], "red", None]
CARTS = [{"total": 5}, {"total": "10", "items": {"count": 2}}, {"items": [2]}, "5", {}]
NO_OBJECTS = ["{", "[]", '"text"', "null", "no json", '{"amount": 5,}', "{'amount': 5}"]

BAD_TIMES = ["yesterday", "2024-02-30 10:00:00", "2024-03-01 25:00:00", "1711843", ""]


def dates_near(last_day):
    """Return days on, before and after the last one, as an author writes them."""
    return [str(last_day - timedelta(days)) for days in (0, 1, 7, 14, 30, 45, 400, -1)]


def dues(last_day):
    """Return what a property may hold as a date: near, at midnight, far, unreadable."""
    day, before, *_, after = dates_near(last_day)
    return [
        *(day, before, after),
        f"{day} 00:00:00",
        f"{day}T23:30:00Z",
        f"{day}T01:00:00+05:30",
        *("2000-02-29", "2024-02-30", "soon", 20240331, None),
    ]


def birth_dates(last_day):
    """Return birthdays around the last day, 29 February, and unreadable ones."""
    near = [f"{last_day + timedelta(days):1990-%m-%d}" for days in (1, 0, 2, 7, 30, -1)]
    return [*["2000-02-29"] * 3, *near, f"{near[1]} 23:30:00", "2001-02-29", "", "soon"]


# Times

DAYS_AGO = [0, 1, 2, 3, 0, 1, 2, 3, 5, 6, 7, 8, 6, 7, 13, 14, 15, 20, 28, 29, 30, 31]
DAYS_AGO += [44, 45, 400, -1, -2]
CLOCKS = [time(12), time(0), time(23, 59, 59), time(0, 0, 1), time(8, 30), None]
"""Local times of a day; None is near a change of the clock."""

DELAYS = [*[None, 0, 1] * 3, 72, 960, -12, -24, -48]
"""Hours from when an event happened to when it arrived."""


def _plain(instant):
    return f"{instant:%Y-%m-%d %H:%M:%S}"


EAST, WEST = timezone(timedelta(hours=2)), timezone(-timedelta(hours=3))
FORMATS = [
    *[_plain] * 6,
    lambda instant: f"{instant:%Y-%m-%dT%H:%M:%S}Z",
    lambda instant: f"{_plain(instant)}.250",
    lambda instant: f"{_plain(instant)}+00",
    lambda instant: instant.astimezone(EAST).isoformat(),
    lambda instant: f"{instant.astimezone(WEST):%Y-%m-%d %H:%M:%S%z}",
    lambda instant: f"{instant:%Y-%m-%d %H:%M}",
    lambda instant: f"{instant:%Y-%m-%d}",
]
"""Ways to write an instant; the last two cut it."""


@cache
def clock_changes(time_zone, last_day):
    """Return instants around each change of the clock near the days of worlds."""
    zone = ZoneInfo(time_zone)
    step = timedelta(minutes=15)
    instant = datetime.combine(last_day - timedelta(46), time(), UTC)
    found = []
    while instant.date() <= last_day + timedelta(2):
        before, after = (at.astimezone(zone) for at in (instant - step, instant))
        if before.utcoffset() != after.utcoffset():
            for seconds in (0, -1, 1, -1800, 1800):
                found.append(instant + timedelta(seconds=seconds))
        instant += step
    return found


# Parts of strategies


def _one_of(strategies):
    """One of the strategies, each as likely as the others, however many it joins."""
    # By number, because Hypothesis prints what it samples from.
    numbers = st.integers(0, len(strategies) - 1)
    return numbers.flatmap(lambda number: strategies[number])


def _record(required, **optional):
    """Dictionaries with some of the optional keys, each as likely to be there as not.

    The optional keys of `fixed_dictionaries` come mostly together or not at all.
    """

    @st.composite
    def record(draw):
        drawn = {name: draw(required[name]) for name in required}
        for name in optional:
            if draw(st.sampled_from([False, True])):
                drawn[name] = draw(optional[name])
        return drawn

    return record()


def _pools(**pools):
    return {name: st.sampled_from(pool) for name, pool in pools.items()}


def _merged(*strategies):
    """The dictionaries of all the strategies as one."""
    return st.tuples(*strategies).map(
        lambda parts: {name: part[name] for part in parts for name in part}
    )


def _as_json(values):
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _objects(pools):
    """JSON objects as text with some of the keys, sometimes what is none."""
    objects = _record({}, **_pools(**pools)).map(_as_json)
    return _one_of([*[objects] * 8, st.sampled_from(["", *NO_OBJECTS])])


# Worlds

MOMENTS = st.tuples(st.integers(0, 5), st.sampled_from(CLOCKS))
"""One of the few days of a world and a time."""


def _identities():
    """Numbers of a user and of a device, at least one of them in nearly all rows."""
    number, nobody = st.integers(0, 14), st.sampled_from([None, ""])
    return _one_of(
        [
            *[st.tuples(number, nobody)] * 10,
            *[st.tuples(nobody, number)] * 6,
            *[st.tuples(number, number)] * 6,
            st.tuples(nobody, nobody),
        ]
    )


def _flaws():
    """What makes a row unusable, or its time of arrival missing."""
    return st.sampled_from(
        [
            *[{}] * 120,
            *({"event_id": missing} for missing in (None, "")),
            *({"event_name": missing} for missing in (None, "")),
            *({"occurred_at": written} for written in [None, *BAD_TIMES]),
            *({"received_at": written} for written in BAD_TIMES),
        ]
    )


@cache
def _event_drafts(last_day):
    properties = {
        "amount": AMOUNTS,
        "label": WORDS,
        "flag": FLAGS,
        "due": dues(last_day),
        "tags": TAGS,
        "cart": CARTS,
        "cart.total": [5, 7, "10"],
        "city": ["Bonn", "Köln", None],
        "received_at": ["2024-03-30", "red"],
        "properties": ["red"],
    }
    row = _record(
        {},
        **_pools(
            revenue=REVENUES,
            quantity=QUANTITIES,
            platform=PLATFORMS,
            country=COUNTRIES,
            city=CITIES,
            app_version=APP_VERSIONS,
            campaign_id=LABELS,
            device_type=["phone", ""],
            os=["linux", ""],
            browser=["firefox", ""],
        ),
        properties=_objects(properties),
    )
    return _record(
        {
            "row": row,
            "name": st.integers(0, len(EVENT_NAMES) - 1),
            "ids": _identities(),
            "moment": MOMENTS,
            "flaw": _flaws(),
        }
        | _pools(format=FORMATS, delay=DELAYS, prefix=["e", "E", "ü"], refund=REFUNDS)
    )


@cache
def _profile_drafts(last_day):
    traits = {
        "score": [5, 10, -1, "5", "NaN", "", None],
        "tier": ["gold", "Gold", "basic", "", None, 5],
        "vip": [True, False, "true", "", None],
        "since": dues(last_day),
        "tags": TAGS,
        "address": [{"city": "Köln"}, {"city": ""}, {}, "Köln", None],
        "address.city": ["Berlin", "Köln"],
    }
    row = _record(
        {},
        **_pools(
            first_name=["Ann", "Bo", ""],
            email=["a@b.de", ""],
            gender=["f", "m", ""],
            country=COUNTRIES,
            city=["Köln", "", "Berlin", "berlin", "42"],
            language=["de", "en", ""],
            plan=PLANS,
            company=["O'Neil", "ACME", ""],
            industry=["retail", "5% off", ""],
            birth_date=birth_dates(last_day),
            company_size=SIZES,
            marketing_consent=BOOLEANS,
        ),
        traits=_objects(traits),
    )
    no_time = st.sampled_from([None, None, None, "", "yesterday"])
    return _record(
        {
            "row": row,
            "user": st.sampled_from([*range(15), None, ""]),
            "updated_at": _one_of([MOMENTS, MOMENTS, no_time]),
            "signed_up_at": _one_of([no_time, MOMENTS, MOMENTS]),
            "format": st.sampled_from(FORMATS[4:9]),
        }
    )


@dataclass(frozen=True)
class Stage:
    """How much of the pools a world uses: few people, names and days meet often."""

    time_zone: str
    last_day: date
    days_ago: list
    crowd: int
    vocabulary: int

    def instant(self, moment):
        number, clock = moment
        days_ago = self.days_ago[number % len(self.days_ago)]
        changes = clock_changes(self.time_zone, self.last_day)
        if clock is None and changes:
            return changes[days_ago % len(changes)]
        day = self.last_day - timedelta(days_ago)
        local = datetime.combine(day, clock or time(12), ZoneInfo(self.time_zone))
        return local.astimezone(UTC)

    def one_of(self, ids, number):
        """Return the id of a number; what is none stays as it is."""
        if not isinstance(number, int):
            return number
        return ids[number % min(self.crowd, len(ids))]

    def event(self, draft, event_id):
        occurred_at = self.instant(draft["moment"])
        user, device = draft["ids"]
        row = draft["row"] | {
            "event_id": event_id,
            "event_name": EVENT_NAMES[draft["name"] % self.vocabulary],
            "occurred_at": draft["format"](occurred_at),
            "user_id": self.one_of(USER_IDS, user),
            "anonymous_id": self.one_of(ANONYMOUS_IDS, device),
        }
        if draft["delay"] is not None:
            received_at = occurred_at + timedelta(hours=draft["delay"])
            row["received_at"] = _plain(received_at)
        if row["event_name"] == "refund" and "revenue" in row:
            row["revenue"] = draft["refund"]
        return row | draft["flaw"]

    def profile(self, draft):
        """Nobody signs up after a change of the profile that says when."""
        times = {name: draft[name] for name in ("updated_at", "signed_up_at")}
        for name, moment in times.items():
            if isinstance(moment, tuple):
                times[name] = self.instant(moment)
        if all(isinstance(moment, datetime) for moment in times.values()):
            times["signed_up_at"] = min(times.values())
        for name, moment in times.items():
            if isinstance(moment, datetime):
                times[name] = draft["format"](moment)
        return {"user_id": self.one_of(USER_IDS, draft["user"])} | draft["row"] | times


@st.composite
def worlds(draw, time_zone="UTC", last_day=LAST_DAY):
    """Raw rows, as texts and nulls: `{"events": […], "users": […]}`.

    Columns that a row does not have are null. Some events are up to two days after the
    last day.
    """
    stage = Stage(
        time_zone=time_zone,
        last_day=last_day,
        days_ago=draw(st.lists(st.sampled_from(DAYS_AGO), min_size=1, max_size=6)),
        crowd=draw(st.sampled_from([2, 3, 1, 2, 3, 5])),
        vocabulary=draw(st.sampled_from([2, 1, 3, 5, len(EVENT_NAMES)])),
    )
    least = draw(st.sampled_from([0, 10, 18]))
    drafts = draw(st.lists(_event_drafts(last_day), min_size=least, max_size=22))
    events = [
        stage.event(draft, f"{draft['prefix']}{number}")
        for number, draft in enumerate(drafts)
    ]
    kinds = st.sampled_from(["same", "platform", "other"])
    copies = st.tuples(st.integers(0, 21), kinds, _event_drafts(last_day))
    for number, kind, draft in draw(st.lists(copies, max_size=5)) if events else []:
        original = events[number % len(events)]
        copy = dict(original)
        if kind == "platform" and original.get("platform"):
            copy["platform"] = "android"
        if kind == "other":
            copy = stage.event(draft, original["event_id"])
        events.append(copy)
    events = _without_open_ties(events)
    least = draw(st.sampled_from([1, 5]))
    drafts = draw(st.lists(_profile_drafts(last_day), min_size=least, max_size=8))
    return {
        "events": events[::-1] if draw(st.booleans()) else events,
        "users": [stage.profile(draft) for draft in drafts],
    }


def _without_open_ties(events):
    """Leave out deliveries of one event of which the contract doesn't say who wins."""
    kept = []
    for row in events:
        tied = [other for other in kept if _delivery(other) == _delivery(row)]
        if all(_differ_in_platform_only(row, other) for other in tied):
            kept.append(row)
    return kept


def _delivery(row):
    occurred_at = timestamp(row["occurred_at"] or "")
    received_at = timestamp(row.get("received_at") or "")
    return row["event_id"], occurred_at, received_at or occurred_at


def _differ_in_platform_only(row, other):
    names = (row.keys() | other.keys()) - {"occurred_at", "received_at"}
    different = {name for name in names if row.get(name) != other.get(name)}
    both_say_one = row.get("platform") and other.get("platform")
    return not different or (different == {"platform"} and bool(both_say_one))


# Rules

DAYS = st.sampled_from([7, 1, 2, 3, 14, 15, 30, 45, 60, 401])
GAPS = st.sampled_from([0, 1, 2, 7])
EVENTS = st.sampled_from(
    [
        *["purchase", "*"] * 6,
        *["view", "login"] * 3,
        *["view*", "view_*", "view_*"],
        "email_*",
        "p*",
        "a*b",
        "100% o'clock",
        "never",
        ["purchase", "view"],
        ["login", "view_*", "Purchase"],
    ]
)
OPTIONAL_DAYS = {"within_days": DAYS, "gap_days": GAPS}


def _rule(kind, required=None, **optional):
    return _record({"rule": st.just(kind)} | (required or {}), **optional)


def _comparisons(last_day, texts=(), numbers=(), truths=(), days=False, parts=PARTS):
    """Tuples of an operator and its value, if any, for what is read as these types."""
    scalars = st.sampled_from([*texts, *numbers, *truths])
    kinds = {
        ("=", "!="): scalars,
        ("in", "not in"): st.lists(scalars, min_size=1, max_size=3),
    }
    pairs = []
    for pool in filter(None, (texts, numbers)):
        one = st.sampled_from(pool)
        pairs.append(st.lists(one, min_size=2, max_size=2).map(sorted))
    if pairs:
        one = st.sampled_from([*texts, *numbers])
        kinds[">", ">=", "<", "<="] = one
        kinds["between", "not between"] = _one_of(pairs)
    if texts:
        some = st.sampled_from([*parts, *filter(None, texts)])
        kinds["contains", "not contains", "starts with", "ends with"] = some
        kinds["matches", "not matches"] = st.sampled_from(PATTERNS)
    if days:
        kinds["within days", "not within days"] = DAYS
        kinds["in next days",] = DAYS
        february = st.sampled_from(_days_to_february(last_day))
        kinds["anniversary in next days",] = _one_of([DAYS, february, february])
        kinds["on", "before", "after"] = st.sampled_from(dates_near(last_day))
    return _one_of(
        [
            *(st.tuples(st.sampled_from(one), kinds[one]) for one in kinds),
            st.tuples(st.sampled_from(["is set", "is not set"])),
        ]
    )


def _days_to_february(last_day):
    """Return days to the next 28 February, from the last day and some before it."""
    year = last_day.year + (last_day >= date(last_day.year, 2, 28))
    return [(date(year, 2, 28) - last_day).days + more for more in (0, 1, 3, 10)]


def _dates(last_day):
    """What `_comparisons` needs for a date or a timestamp, which text compares, too."""
    return {"texts": dates_near(last_day), "days": True, "parts": ["2024-0", "-3"]}


@cache
def _conditions(last_day):
    """Conditions of `where` and `having`: one or two names of columns or properties."""
    amounts = {"numbers": NUMBERS, "texts": ["42", "5.5", "NaN"], "truths": [True]}
    stored = {
        "city": {"texts": CITIES, "numbers": [42]},
        "platform": {"texts": PLATFORMS},
        "country": {"texts": COUNTRIES},
        "app_version": {"texts": APP_VERSIONS, "numbers": [9, 10, 10.5]},
        "campaign_id": {"texts": LABELS, "truths": [True], "days": True},
        "revenue": {"numbers": NUMBERS, "truths": [True], "days": True},
        "quantity": {"numbers": WHOLE_NUMBERS, "texts": DIGITS},
        "occurred_at": {**_dates(last_day), "numbers": [5]},
        "event_name": {"texts": ["purchase", "login", "view"]},
        "event_id": {"texts": ["e1", "E2", "ü3", "e10"]},
        "user_id": {"texts": USER_IDS},
        "anonymous_id": {"texts": ANONYMOUS_IDS},
        "amount": amounts,
        "properties.amount": amounts,
        "label": {"texts": LABELS, "numbers": [5, 42], "truths": [True]},
        "flag": {"truths": [True, False], "texts": ["true", "True"], "numbers": [1]},
        "due": _dates(last_day),
        "tags": {"texts": ["red", "blue", "42", "true"], "numbers": [42]},
        "cart.total": {"numbers": [5, 7, 10], "texts": ["5", "7"]},
        "cart.items.count": {"numbers": [2], "texts": ["2"]},
        "cart": {"texts": ["5"], "numbers": [5]},
        "properties.city": {"texts": ["Bonn", "Köln"]},
        "received_at": {"texts": ["red"], "days": True},
        "properties": {"texts": ["red"]},
        "never": {"texts": ["red"], "numbers": [0], "truths": [False]},
    }
    comparisons = {name: _comparisons(last_day, **stored[name]) for name in stored}
    names = [*stored, *["city", "revenue", "amount", "label", "due"] * 2]
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)

    @st.composite
    def conditions(draw):
        return {
            name: _as_author(*draw(comparisons[name]), is_long=draw(st.booleans()))
            for name in draw(some)
        }

    return conditions()


def _as_author(operator, *value, is_long):
    """A value for `=` and a list for `in`, unless that would read as an operator."""
    if not is_long and operator == "=":
        return value[0]
    if not is_long and operator == "in" and value[0][0] not in OPERATORS:
        return value[0]
    return [operator, *value]


def _bounds(pool):
    values = st.sampled_from(pool)
    one = st.tuples(st.sampled_from(["at_least", "at_most", "exactly"]), values)
    both = st.tuples(values, values).map(sorted)
    return _one_of(
        [
            *[one.map(lambda pair: dict([pair]))] * 3,
            both.map(lambda pair: {"at_least": pair[0], "at_most": pair[1]}),
        ]
    )


def _measures():
    """Measures with their bounds, which sum and its like must have."""
    counted = _one_of([st.just({}), _bounds([1, 2, 3, 0, 5])])
    distinct = _pools(
        measure=["distinct"],
        of=["city", "platform", "label", "amount", "flag", "tags", "revenue"],
    )
    added = _pools(
        measure=["sum", "avg", "min", "max"],
        of=["revenue", "quantity", "amount", "cart.total", "properties.amount", "city"],
    )
    return _one_of(
        [
            *[counted] * 3,
            _merged(_record(_pools(measure=["days", "count"])), counted),
            _merged(_record(distinct), counted),
            *[_merged(_record(added), _bounds(NUMBERS))] * 2,
        ]
    )


def _windows(last_day):
    """Windows that are not empty on every date."""
    dates = st.sampled_from(dates_near(last_day))

    def not_empty(limits):
        if {"within_days", "until_days_ago"} <= limits.keys():
            days_ago = min(limits["until_days_ago"], limits["within_days"] - 1)
            limits["until_days_ago"] = days_ago
        if {"since", "until"} <= limits.keys():
            first, last = sorted([limits["since"], limits["until"]])
            limits.update(since=first, until=last)
        return limits

    days_ago = st.sampled_from([1, 0, 2, 6, 7, 14])
    moved = {"within_days": DAYS, "until_days_ago": days_ago}
    options = [
        st.just({}),
        _record({"within_days": DAYS}),
        _record(moved),
        _record({}, **moved, since=dates, until=dates),
    ]
    return _one_of([option.map(not_empty) for option in options])


def _on_values(kind, first, last_day, stored):
    """Facts or traits, whose operator and value depend on what they are called."""

    comparisons = {name: _comparisons(last_day, **stored[name]) for name in stored}
    dates = [name for name in stored if "days" in stored[name]]

    @st.composite
    def on_values(draw):
        name = draw(st.sampled_from([*stored, *dates * 3]))
        comparison = zip(("operator", "value"), draw(comparisons[name]), strict=False)
        return {"rule": kind, first: name, **dict(comparison)}

    return on_values()


def _facts(last_day):
    """Rules on facts: every column of `users`, and some that are computed."""
    dates = _dates(last_day)
    stored = {
        "plan": {"texts": PLANS},
        "city": {"texts": CITIES, "numbers": [42]},
        "country": {"texts": COUNTRIES},
        "first_name": {"texts": ["Ann", "Bo"]},
        "email": {"texts": ["a@b.de"]},
        "gender": {"texts": ["f", "m"]},
        "language": {"texts": ["de", "en"]},
        "company": {"texts": ["O'Neil", "ACME"]},
        "industry": {"texts": ["retail", "5% off"]},
        "last_platform": {"texts": PLATFORMS},
        "company_size": {"numbers": [1, 10, 42], "texts": DIGITS},
        "marketing_consent": {"truths": [True, False], "texts": ["true"]},
        "is_anonymous": {"truths": [True, False], "numbers": [1]},
        "birth_date": {**dates, "texts": ["1990-03-31", "2000-02-29"]},
        "signed_up_at": dates,
        "purchase_count": {"numbers": WHOLE_NUMBERS, "texts": DIGITS},
        "purchase_count_30d": {"numbers": WHOLE_NUMBERS},
        "revenue": {"numbers": NUMBERS},
        "days_since_last_active": {"numbers": [0, 1, 7, 13, 14, 30, 45]},
        "tenure_days": {"numbers": [0, 1, 7, 14, 45, 400]},
    }
    return _on_values("fact", "column", last_day, stored)


def _traits(last_day):
    stored = {
        "tier": {"texts": ["gold", "Gold", "basic"], "numbers": [5]},
        "score": {"numbers": [5, 10, 0, -1], "texts": ["5", "10"]},
        "vip": {"truths": [True, False], "texts": ["true"]},
        "since": _dates(last_day),
        "tags": {"texts": ["red", "blue", "42"], "numbers": [42]},
        "address.city": {"texts": ["Köln", "Berlin"]},
        "address": {"texts": ["Köln"]},
        "never": {"texts": ["red"], "numbers": [0]},
    }
    return _on_values("trait", "name", last_day, stored)


def _in_segment(model, names):
    one = st.sampled_from(names)
    some = st.lists(one, min_size=1, max_size=2)
    required = {"model": st.just(model), "segment": _one_of([one, some])}
    return _rule("in_segment", required)


def _regularly(where):
    required = _pools(period_days=[7, 1, 14, 15, 30], of_last=[2, 1, 3, 4])
    least = _pools(at_least=[1, 2, 0], periods=[1, 1, 2, 3])
    regularly = _rule("performed_regularly", {"event": EVENTS} | required, **least)
    return _merged(regularly, where).filter(
        lambda rule: rule.get("periods", 0) <= rule["of_last"]
    )


@cache
def _single_rules(last_day, segmentations):
    """Rules of every kind but the groups; those with most arguments come more often."""
    where = _conditions(last_day)
    event = {"event": EVENTS}
    where_or_not = _one_of([st.just({}), st.just({}), _record({"where": where})])
    likely = st.sampled_from(["purchase", "*", "view"])
    name = _one_of([likely, likely, EVENTS])
    bare = _record({"event": name})
    steps = _one_of([bare, bare, _record({"event": name, "where": where})])
    in_order = _one_of([st.lists(steps, min_size=n, max_size=3) for n in (2, 1, 2, 3)])
    both = {"first": _one_of([name, steps]), "then": _one_of([name, steps])}
    details = [_measures(), _windows(last_day), where_or_not]
    ranks = _pools(
        column=["revenue", "purchase_count", "days_since_last_active", "tenure_days"]
        + ["company_size", "birth_date", "signed_up_at"],
        percent=[50, 75, 60, 66.67, 33.3, 25, 20, 99.99, 100, 1],
    )
    split = _pools(
        percent=[50, 12.5, 33.3, 75, 0, 100], salt=["a", "b c", "it's 5%", "ü😀"]
    )
    return _one_of(
        [
            *[_merged(_rule("performed", event), *details)] * 3,
            _merged(_rule("not_performed", event), *details),
            _rule("first_performed", event, within_days=DAYS, where=where),
            _rule("last_performed", event, having=where, where=where),
            *[_rule("performed_in_order", {"steps": in_order}, **OPTIONAL_DAYS)] * 2,
            *[_rule("performed_without", both, **OPTIONAL_DAYS)] * 2,
            _regularly(where_or_not),
            *[_facts(last_day)] * 2,
            _traits(last_day),
            _rule("top_percent", ranks),
            _rule("bottom_percent", ranks),
            _rule("random_split", split),
            _rule("everyone"),
            *(_in_segment(model, list(names)) for model, names in segmentations),
        ]
    )


@cache
def _rules(depth, last_day, segmentations):
    single = _single_rules(last_day, segmentations)
    if depth == 0:
        return single
    inner = _rules(depth - 1, last_day, segmentations)
    groups = _record(
        {
            "rule": st.sampled_from(["all_of", "any_of", "none_of"]),
            "rules": st.lists(inner, min_size=1, max_size=3),
        }
    )
    return _one_of([single, groups])


def rules(depth=3, last_day=LAST_DAY, segmentations=None):
    """Legal rules of every kind, with groups in groups down to a depth.

    `segmentations` are the names of models with those of their segments, to which rules
    may refer; an empty dictionary leaves such rules out.
    """
    named = SEGMENTATIONS if segmentations is None else segmentations
    models = tuple((model, tuple(names)) for model, names in named.items())
    return _rules(depth, last_day, models)


# What an author writes

WITHOUT_NAMES = {
    "performed_in_order": ["steps"],
    "performed_without": ["first", "then"],
    "fact": ["column", "operator", "value"],
    "trait": ["name", "operator", "value"],
    "in_segment": ["model", "segment"],
    "top_percent": ["column", "percent"],
    "bottom_percent": ["column", "percent"],
    "random_split": ["percent", "salt"],
}
"""The arguments of a kind that are written without their names; else `event`."""

ESCAPED = re.compile(r"[^\w .,:;<>=!?*+/()\[\]|^$@&~-]")
"""Quotes, backslashes, what begins or ends a part of Jinja, and what is not seen.
Letters of every language stay as they are."""


def as_jinja(rule):
    """Return the call that an author writes for a rule, or for a step."""
    arguments = dict(rule)
    kind = arguments.pop("rule", "step")
    if "rules" in arguments:
        return f"{kind}({', '.join(map(as_jinja, arguments['rules']))})"
    written = [
        _literal(arguments.pop(name), name)
        for name in WITHOUT_NAMES.get(kind, ["event"])
        if name in arguments
    ]
    written += [f"{name}={_literal(arguments[name], name)}" for name in arguments]
    return f"{kind}({', '.join(written)})"


def _literal(value, argument=None):
    if isinstance(value, dict) and argument in ("steps", "first", "then"):
        return as_jinja(value)
    if isinstance(value, dict):
        pairs = (f"{_literal(key)}: {_literal(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_literal(one, argument) for one in value)}]"
    if isinstance(value, str):
        escaped = ESCAPED.sub(lambda found: f"\\U{ord(found[0]):08x}", value)
        return f"'{escaped}'"
    return str(value).lower() if isinstance(value, bool) else repr(value)
