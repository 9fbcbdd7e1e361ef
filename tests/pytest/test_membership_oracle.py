"""Memberships against an independent computation: plain loops over the raw events.

Nothing here is taken from the SQL. The rules are written down again from their meaning:
calendar days in UTC, the earliest delivery counts, an anonymous id belongs to the user
it was last seen with, staff, bots and test accounts are nobody.
"""

import csv
import json
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from conftest import RAW, ROOT

LOADED_ON = date.today()


def instant(text):
    try:
        return datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def json_object(text):
    """The object that a text is; what is none tells nothing."""
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def raw_rows(table):
    relation = duckdb.connect().execute(f"select * from '{RAW / table}.parquet'")
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def usable_events():
    """Each event once: the delivery received first, unless it can not be used."""
    best = {}
    for row in raw_rows("events"):
        occurred = instant(row["occurred_at"])
        received = instant(row["received_at"]) or occurred
        if not (row["event_id"] and row["event_name"] and occurred):
            continue
        if not (row["user_id"] or row["anonymous_id"]):
            continue
        limit = min(received.date(), LOADED_ON) + timedelta(days=1)
        if occurred.date() > limit:
            continue
        key = (received, occurred)
        if row["event_id"] not in best or key < best[row["event_id"]][0]:
            best[row["event_id"]] = (key, row | {"at": occurred})
    return [row for _, row in best.values()]


def seed(name):
    with open(ROOT / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Shop:
    """The raw data in memory, and who is who on a date."""

    def __init__(self):
        self.events = sorted(usable_events(), key=lambda e: (e["at"], e["event_id"]))
        self.profiles = [
            row | {"at": instant(row["updated_at"]) or instant(row["signed_up_at"])}
            for row in raw_rows("users")
            if row["user_id"]
            and not (row["updated_at"] and not instant(row["updated_at"]))
        ]
        self.no_activities = {
            row["event_name"]
            for row in seed("event_catalog")
            if row["is_activity"] == "false"
        }
        self.excluded = self.find_excluded()

    def find_excluded(self):
        found = set()
        values = [("user_id", r["user_id"], r["user_id"]) for r in self.profiles]
        values += [("email", r["email"], r["user_id"]) for r in self.profiles]
        for event in self.events:
            values.append(("user_id", event["user_id"], event["user_id"]))
            values.append(
                ("anonymous_id", event["anonymous_id"], event["anonymous_id"])
            )
        for pattern in seed("excluded_users"):
            text = pattern["pattern"]
            for field, value, user in values:
                if field != pattern["field"] or not value:
                    continue
                if pattern["operator"] == "starts with" and value.startswith(text):
                    found.add(user)
                if pattern["operator"] == "ends with" and value.endswith(text):
                    found.add(user)
        return found

    def users_on(self, day):
        """Every known user of a date with the events up to it, oldest first."""
        seen = [event for event in self.events if event["at"].date() <= day]
        owner = {}
        for event in seen:
            if event["user_id"] and event["anonymous_id"]:
                owner[event["anonymous_id"]] = event["user_id"]
        users = defaultdict(list)
        for event in seen:
            anonymous = event["anonymous_id"]
            users[event["user_id"] or owner.get(anonymous, anonymous)].append(event)
        for profile in self.profiles:
            if not profile["at"] or profile["at"].date() <= day:
                users[profile["user_id"]]
        return {u: e for u, e in users.items() if u not in self.excluded}

    def last_known(self, field, day):
        """The last value of a field of each user's profile that was given by a date."""
        found = {}
        for profile in sorted(self.profiles, key=lambda p: p["at"] or datetime.min):
            known = not profile["at"] or profile["at"].date() <= day
            if known and profile[field] is not None:
                found[profile["user_id"]] = profile[field]
        return found

    def last_traits(self, day):
        """The last value of each trait of each user that was given by a date."""
        found = defaultdict(dict)
        for profile in sorted(self.profiles, key=lambda p: p["at"] or datetime.min):
            if not profile["at"] or profile["at"].date() <= day:
                found[profile["user_id"]] |= json_object(profile["traits"])
        return found

    def signed_up(self, day):
        """The last known day of sign-up of each user as of a date."""
        found = {}
        for profile in sorted(self.profiles, key=lambda p: p["at"] or datetime.min):
            signed_up = instant(profile["signed_up_at"])
            if signed_up and (not profile["at"] or profile["at"].date() <= day):
                found[profile["user_id"]] = signed_up.date()
        return found


@pytest.fixture(scope="module")
def shop(warehouse):
    return Shop()


@pytest.fixture(scope="module", params=["current", "middle", "first"])
def day(request, warehouse):
    days = [
        row[0]
        for row in warehouse.execute(
            "select as_of_date from intermediate.int_as_of_dates order by 1"
        ).fetchall()
    ]
    return {"current": days[-1], "middle": days[len(days) // 2], "first": days[0]}[
        request.param
    ]


def published(warehouse, segmentation, day):
    rows = warehouse.execute(
        "select user_id, segment from memberships.segment_memberships"
        " where segmentation = ? and as_of_date = ?",
        [segmentation, day],
    ).fetchall()
    assert rows, f"no memberships of {segmentation} on {day}"
    return set(rows)


def days_ago(event, day):
    return (day - event["at"].date()).days


def lifecycle(events, signed_up, day):
    purchases = [days_ago(e, day) for e in events if e["event_name"] == "purchase"]
    known = [e["at"].date() for e in events[:1]] + ([signed_up] if signed_up else [])
    if sum(ago <= 59 for ago in purchases) >= 2:
        return "loyal_shopper"
    if known and (day - min(known)).days <= 29:
        return "new"
    if purchases and min(purchases) >= 180:
        return "dormant"
    if len(purchases) == 1 and purchases[0] >= 90:
        return "at_risk"
    return "active" if purchases else "prospect"


def test_lifecycle_is_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    signed_up = shop.signed_up(day)
    expected = {
        (user, lifecycle(events, signed_up.get(user), day))
        for user, events in shop.users_on(day).items()
    }
    assert published(warehouse, "lifecycle", day) == expected


def test_engagement_is_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    expected = set()
    for user, events in shop.users_on(day).items():
        # Only what the catalog calls no activity does not count.
        ago = [
            days_ago(e, day)
            for e in events
            if e["event_name"] not in shop.no_activities
        ]
        for name, window in [
            ("daily_active", 1),
            ("weekly_active", 7),
            ("monthly_active", 30),
        ]:
            if ago and min(ago) < window:
                expected.add((user, name))
        logins = [
            e for e in events if e["event_name"] == "login" and days_ago(e, day) < 7
        ]
        if len(logins) >= 3:
            expected.add((user, "power_user"))
    assert published(warehouse, "engagement", day) == expected


def test_technographic_is_what_plain_loops_over_the_raw_events_find(
    warehouse, shop, day
):
    expected = set()
    for user, events in shop.users_on(day).items():
        last = {"platform": None, "device_type": None}
        for event in events:
            if event["event_name"] not in shop.no_activities:
                for field in last:
                    last[field] = event[field] or last[field]
        if last["platform"] in ("ios", "android"):
            segment = f"{last['platform']}_app"
        elif last["device_type"] in ("mobile", "tablet"):
            segment = "mobile_web"
        elif last["device_type"] == "desktop":
            segment = "desktop_web"
        else:
            segment = "unknown_device"
        expected.add((user, segment))
    assert published(warehouse, "technographic", day) == expected


def properties(event):
    return json_object(event["properties"])


def named(events, name, day, within, **wanted):
    """The events of a name in the last days with the properties that are wanted."""
    return [
        event
        for event in events
        if event["event_name"] == name
        and days_ago(event, day) < within
        and all(properties(event).get(key) == value for key, value in wanted.items())
    ]


def behaviours(events, plan, traits, is_loyal, day):
    """The segments of behaviour of one user, from the events up to a date."""
    shoes = {"brand": "Nordlauf", "category": "shoes"}
    if named(events, "product_viewed", day, 30):
        if not named(events, "purchase", day, 30):
            yield "browsed_not_bought"
        if named(events, "product_viewed", day, 30, **shoes) and not named(
            events, "purchase", day, 30, **shoes
        ):
            yield "browsed_brand_not_bought"
    carts = named(events, "product_added_to_cart", day, 14)
    purchases = [event for event in events if event["event_name"] == "purchase"]
    last_purchase = purchases[-1] if purchases else None
    # Events are in the order of their time and event_id.
    if carts and last_purchase not in events[events.index(carts[-1]) :]:
        yield "cart_abandoned"
    bought = named(events, "purchase", day, 120)
    if (
        len(bought) >= 2
        and all(properties(event).get("is_sale") is True for event in bought)
        and sum(event["revenue"] or 0 for event in bought) <= 40 * len(bought)
    ):
        yield "bargain_hunter"
    features = {
        properties(event).get("feature")
        for event in named(events, "feature_used", day, 90)
    }
    if len(features - {None}) >= 3 and plan in ("free", "basic"):
        yield "feature_adopter_not_upgraded"
    if named(events, "plan_changed", day, 90, from_plan="basic", to_plan="premium"):
        yield "basic_to_premium"
    prepaid = traits.get("account_type") == "prepaid"
    if prepaid and not is_loyal and named(events, "recharge", day, 15, bank="Nordbank"):
        yield "recharged_with_bank"
    if named(events, "song_played", day, 30, artist="The O'Days"):
        yield "listened_to_artist"


def test_behavioural_is_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    plans, traits = shop.last_known("plan", day), shop.last_traits(day)
    expected = {
        (user, segment)
        for user, events in shop.users_on(day).items()
        for segment in behaviours(
            events,
            plans.get(user),
            traits.get(user, {}),
            len(named(events, "purchase", day, 60)) >= 2,
            day,
        )
    }
    found = published(warehouse, "behavioural", day)
    assert {segment for _, segment in found} == {segment for _, segment in expected}
    assert found == expected


def rhythm(events, day):
    bought = sorted({e["at"].date() for e in events if e["event_name"] == "purchase"})
    if len(bought) < 3:
        return "no_rhythm"
    gap = Fraction((bought[-1] - bought[0]).days, len(bought) - 1)
    since = (day - bought[-1]).days
    if since >= 2 * gap:
        return "overdue" if since < 90 else "lapsed"
    return "slipping" if since >= Fraction(5, 4) * gap else "on_rhythm"


def test_early_warning_is_what_plain_loops_over_the_raw_events_find(
    warehouse, shop, day
):
    expected = {(user, rhythm(e, day)) for user, e in shop.users_on(day).items()}
    assert published(warehouse, "early_warning", day) == expected


def test_value_is_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    money = {
        user: sum(
            Decimal(str(event["revenue"] or 0))
            for event in events
            if event["event_name"] in ("purchase", "refund")
            and days_ago(event, day) < 365
        )
        for user, events in shop.users_on(day).items()
    }
    brought = sorted(amount for amount in money.values() if amount > 0)

    def segment(amount):
        if amount <= 0:
            return "no_revenue"
        as_good = len(brought) - bisect_left(brought, amount)
        return next(
            (
                f"top_{percent}_percent"
                for percent in (1, 5, 20)
                if 100 * as_good <= percent * len(brought)
            ),
            "other_buyers",
        )

    expected = {(user, segment(amount)) for user, amount in money.items()}
    assert published(warehouse, "value", day) == expected


def usual(values):
    """Of pairs of a value and its day the most frequent value, then as ties go."""
    counts, last = Counter(value for value, _ in values), {}
    for value, when in values:
        last[value] = max(when, last.get(value, when))
    best = sorted(counts, key=lambda v: (-counts[v], -last[v].toordinal(), v))
    return best[0] if best else None


def test_habits_are_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    answers = {"email_opened": "email", "email_clicked": "email", "push_opened": "push"}
    dayparts = ("night", "morning", "afternoon", "evening")
    by_daypart, by_channel = set(), set()
    for user, events in shop.users_on(day).items():
        recent = [
            event
            for event in events
            if event["event_name"] not in shop.no_activities
            and days_ago(event, day) < 90
        ]
        hour = usual([(event["at"].hour, event["at"].date()) for event in recent])
        days = {event["at"].date() for event in recent}
        by_daypart.add((user, dayparts[hour // 6] if len(days) >= 3 else "no_habit"))
        channel = usual(
            [
                (answers[event["event_name"]], event["at"].date())
                for event in recent
                if event["event_name"] in answers
            ]
        )
        by_channel.add((user, channel or "no_preference"))
    assert published(warehouse, "daypart", day) == by_daypart
    assert published(warehouse, "channel", day) == by_channel


def bucket(value, values, highest_is_best=True):
    """1 to 5: one plus the whole fifths of the values that are strictly worse."""
    worse = sum(v < value if highest_is_best else v > value for v in values)
    return 1 + 5 * worse // len(values)


def test_rfm_is_what_plain_loops_over_the_raw_events_find(warehouse, shop, day):
    figures = {}
    for user, events in shop.users_on(day).items():
        purchases = [e for e in events if e["event_name"] == "purchase"]
        money = sum(
            e["revenue"] or 0
            for e in events
            if e["event_name"] in ("purchase", "refund")
        )
        if purchases:
            figures[user] = (
                min(days_ago(e, day) for e in purchases),
                len(purchases),
                money,
            )
    columns = list(zip(*figures.values(), strict=True))
    lines = [
        {name: int(value) if value.isdigit() else value for name, value in row.items()}
        for row in seed("rfm_segments")
    ]
    expected = set()
    for user, (recency, frequency, money) in figures.items():
        scores = {
            "recency": bucket(recency, columns[0], highest_is_best=False),
            "frequency": bucket(frequency, columns[1]),
            "monetary": bucket(money, columns[2]),
        }
        segment = next(
            line["segment"]
            for line in lines
            if all(
                line[f"{name}_from"] <= score <= line[f"{name}_to"]
                for name, score in scores.items()
            )
        )
        expected.add((user, segment))
    assert published(warehouse, "rfm", day) == expected


def test_overlaps_are_intersections_of_sets_of_users(warehouse, day):
    members = defaultdict(set)
    for user, segmentation, segment in warehouse.execute(
        "select user_id, segmentation, segment from memberships.segment_memberships"
        " where as_of_date = ?",
        [day],
    ).fetchall():
        members[segmentation, segment].add(user)
    rows = warehouse.execute(
        "select segmentation_a, segment_a, segmentation_b, segment_b, both_user_count,"
        " jaccard_share, a_in_b_share, b_in_a_share"
        " from overlap.segment_overlap where as_of_date = ?",
        [day],
    ).fetchall()
    names = {tuple(row[:2]) for row in rows} | {tuple(row[2:4]) for row in rows}
    assert len(rows) == len(names) * (len(names) - 1) / 2
    for *pair, both, jaccard, a_in_b, b_in_a in rows:
        a, b = members[tuple(pair[:2])], members[tuple(pair[2:])]
        assert both == len(a & b), pair
        if a and b:
            assert jaccard == pytest.approx(len(a & b) / len(a | b)), pair
            assert a_in_b == pytest.approx(len(a & b) / len(a)), pair
            assert b_in_a == pytest.approx(len(a & b) / len(b)), pair


def test_rejected_rows_hold_the_whole_raw_row(warehouse):
    rows = warehouse.execute(
        "select raw_row from staging.rejected_rows where source_table = 'events'"
        " and rejected_reason = 'missing event_name'"
    ).fetchall()
    raw = [
        {name: value for name, value in row.items() if value is not None}
        for row in raw_rows("events")
        if row["event_id"] and not row["event_name"]
    ]
    kept = [json.loads(text) for (text,) in rows]
    for row in kept:
        row.pop("source_file")
    fields = ("event_id", "occurred_at", "properties", "city")
    assert sorted(
        tuple(str(row.get(field)) for field in fields) for row in kept
    ) == sorted(tuple(str(row.get(field)) for field in fields) for row in raw)
