"""What was planted and counted, so that tests and reports can compare with it.

Everything is counted from the events as they arrived in the window, except the true
effect of the campaign: that one also knows what treated users would have done untreated
and the other way round.
"""

from collections import Counter
from dataclasses import dataclass, field, fields

from .behaviour import (
    CAMPAIGN,
    CAMPAIGN_RESPONSE_SHARE,
    CONTROL,
    FREQUENT,
    LAPSING,
    LAPSING_AFTER_DAYS,
    LAPSING_UNTIL_DAYS,
    LOYAL_PURCHASES,
    LOYAL_WITHIN_DAYS,
    QUIET_PURCHASE_SHARE,
    TREATMENT,
    Assignment,
)
from .people import GROWTH, MIGRATING_SHARE, STAFF_DOMAIN, USER_ID_PREFIX, Person
from .timeline import DAY, HOUR_WEIGHTS, WEEKDAY_KEEPS, Period, Timeline, day_text
from .visits import Event

NEW_DAYS = 30
QUIET_FROM_DAYS, DORMANT_FROM_DAYS = 90, 180
FREQUENT_LOGINS, LOGIN_DAYS = 3, 7
BARGAIN_PURCHASES = 2
COMPARED_WEEKS = 4

WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
LIFECYCLES = {
    "new": f"signed up in the last {NEW_DAYS} days",
    "loyal_shopper": (
        f"{LOYAL_PURCHASES} or more purchases in the last {LOYAL_WITHIN_DAYS} days"
    ),
    "one_time_quiet": (
        f"exactly 1 purchase ever, not in the last {QUIET_FROM_DAYS} but in the last "
        f"{DORMANT_FROM_DAYS} days"
    ),
    "dormant": f"purchases, but none in the last {DORMANT_FROM_DAYS} days",
    "frequent_login": f"{FREQUENT_LOGINS} or more logins in the last {LOGIN_DAYS} days",
    "prospect": "no purchase ever",
}


@dataclass
class Tally:
    """Counts of one part of the shop; parts are added up."""

    events: Counter = field(default_factory=Counter)
    rejected_events: Counter = field(default_factory=Counter)
    users: Counter = field(default_factory=Counter)
    rejected_users: Counter = field(default_factory=Counter)
    lifecycles: Counter = field(default_factory=Counter)
    campaign: Counter = field(default_factory=Counter)
    purchases_by_day: Counter = field(default_factory=Counter)
    bargain_hunters: list[str] = field(default_factory=list)
    migrants: list[str] = field(default_factory=list)
    staff: list[str] = field(default_factory=list)
    test_accounts: list[str] = field(default_factory=list)
    bots: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            (mine.extend if isinstance(mine, list) else mine.update)(theirs)

    def observe(
        self,
        timeline: Timeline,
        person: Person,
        events: list[Event],
        assignment: Assignment | None,
    ) -> None:
        """Count one user by what arrived of what they did."""
        if not any(event.user_id for event in events):
            return
        purchases = _days(events, "purchase")
        self.purchases_by_day.update(purchases)
        self._observe_lifecycles(timeline.window.last, events, purchases)
        if _hunts(timeline, person, purchases):
            self.bargain_hunters.append(person.user_id)
        if _migrated(timeline, person, events):
            self.migrants.append(person.user_id)
        if assignment is not None:
            self._observe_campaign(timeline.campaign, assignment, purchases)

    def _observe_lifecycles(
        self, today: int, events: list[Event], purchases: list[int]
    ) -> None:
        ages = [today - day for day in purchases]
        latest = min(ages, default=None)
        recent = sum(age < LOYAL_WITHIN_DAYS for age in ages)
        signup_ages = [today - day for day in _days(events, "signup")]
        logins = [day for day in _days(events, "login") if today - day < LOGIN_DAYS]
        self.lifecycles.update(
            {
                "known_users": 1,
                "new": any(age < NEW_DAYS for age in signup_ages),
                "loyal_shopper": recent >= LOYAL_PURCHASES,
                "one_time_quiet": (
                    len(ages) == 1 and QUIET_FROM_DAYS <= latest < DORMANT_FROM_DAYS
                ),
                "dormant": latest is not None and latest >= DORMANT_FROM_DAYS,
                "frequent_login": len(logins) >= FREQUENT_LOGINS,
                "prospect": not ages,
            }
        )

    def _observe_campaign(
        self, period: Period, assignment: Assignment, purchases: list[int]
    ) -> None:
        segment, group = assignment.segment, assignment.group
        buys = any(day in period for day in purchases)
        won = assignment.would_respond and not assignment.buys_anyway
        self.campaign.update(
            {
                (segment, group, "users"): 1,
                (segment, group, "buyers"): buys,
                (segment, "won"): won,
            }
        )


def _days(events: list[Event], name: str) -> list[int]:
    return [event.at // DAY for event in events if event.name == name]


def _hunts(timeline: Timeline, person: Person, purchases: list[int]) -> bool:
    since = sum(day >= timeline.sale_week.first for day in purchases)
    return person.persona.only_in_sales and since >= BARGAIN_PURCHASES


def _migrated(timeline: Timeline, person: Person, events: list[Event]) -> bool:
    """Seen on the desktop before the day and on the new app from then on."""
    if person.app is None:
        return False
    day, desktop = timeline.migration_day, person.devices[0].anonymous_id
    return any(
        event.anonymous_id == desktop and event.at < day * DAY for event in events
    ) and any(event.anonymous_id == person.app.anonymous_id for event in events)


def describe(arguments: dict[str, object], timeline: Timeline, tally: Tally) -> dict:
    """The content of truth.json."""
    window = timeline.window
    return {
        "arguments": arguments,
        "first_date": day_text(window.first),
        "last_date": day_text(window.last),
        "events": _event_counts(tally),
        "users": _user_counts(tally),
        "excluded": {
            "staff_user_ids": tally.staff,
            "staff_email_domain": STAFF_DOMAIN,
            "test_user_ids": tally.test_accounts,
            "test_user_id_prefix": USER_ID_PREFIX["test"],
            "bot_anonymous_ids": tally.bots,
        },
        "planted": {
            "sale_week": _sale_week(timeline, tally),
            "quiet_week": _quiet_week(timeline, tally),
            "device_migration": _migration(timeline, tally),
            "campaign": _campaign(timeline, tally),
        },
        "seasonality": _seasonality(),
        "lifecycles": {
            "as_of_date": day_text(window.last),
            "known_users": tally.lifecycles["known_users"],
            "segments": {
                name: {"rule": rule, "users": tally.lifecycles[name]}
                for name, rule in LIFECYCLES.items()
            },
        },
    }


def _event_counts(tally: Tally) -> dict:
    counts, rejected = tally.events, sum(tally.rejected_events.values())
    return {
        "rows": counts["rows"],
        "distinct_events": counts["distinct_events"],
        "duplicate_rows": counts["duplicate_rows"],
        "rejected_rows": rejected,
        "rejected_rows_by_reason": dict(sorted(tally.rejected_events.items())),
        "malformed_properties": counts["malformed_properties"],
        "late_over_1_day": counts["late_over_1_day"],
        "without_received_at": counts["without_received_at"],
    }


def _user_counts(tally: Tally) -> dict:
    counts, rejected = tally.users, sum(tally.rejected_users.values())
    return {
        "rows": counts["rows"],
        "usable_rows": counts["rows"] - rejected,
        "distinct_users": counts["distinct_users"],
        "rejected_rows": rejected,
        "rejected_rows_by_reason": dict(sorted(tally.rejected_users.items())),
        "malformed_traits": counts["malformed_traits"],
    }


def _seasonality() -> dict:
    weekdays = dict(zip(WEEKDAYS, WEEKDAY_KEEPS, strict=True))
    return {
        "strongest_weekday": max(weekdays, key=weekdays.get),
        "weakest_weekday": min(weekdays, key=weekdays.get),
        "strongest_hour_utc": HOUR_WEIGHTS.index(max(HOUR_WEIGHTS)),
        "growth_of_daily_signups": GROWTH,
    }


def _planted(
    timeline: Timeline, period: Period, description: str, **more: object
) -> dict:
    """`in_window` is false when the run is too short to hold it."""
    return {
        "description": description,
        **period.dates(),
        "in_window": timeline.has(period),
        **more,
    }


def _sale_week(timeline: Timeline, tally: Tally) -> dict:
    return _planted(
        timeline,
        timeline.sale_week,
        "From this week on the bargain hunters buy in sales only: small orders, all "
        "with a discount and is_sale.",
        true_effect={"share_of_their_purchases_in_sales": 1.0},
        sales=[
            sale.dates()
            for sale in timeline.sales
            if sale.last >= timeline.window.first
        ],
        minimum_purchases_since=BARGAIN_PURCHASES,
        user_count=len(tally.bargain_hunters),
        user_ids=tally.bargain_hunters,
    )


def _quiet_week(timeline: Timeline, tally: Tally) -> dict:
    week = timeline.quiet_week
    return _planted(
        timeline,
        week,
        "Buyers go quiet for a week, then return.",
        true_effect={"purchase_factor": QUIET_PURCHASE_SHARE},
        purchases=_purchases(tally, week),
        purchases_in_each_of_the_weeks_before=[
            _purchases(tally, Period(week.first - 7 * back, week.last - 7 * back))
            for back in range(COMPARED_WEEKS, 0, -1)
        ],
        purchases_in_each_of_the_weeks_after=[
            _purchases(tally, Period(week.first + 7 * on, week.last + 7 * on))
            for on in range(1, COMPARED_WEEKS + 1)
        ],
    )


def _purchases(tally: Tally, period: Period) -> int:
    return sum(
        tally.purchases_by_day[day] for day in range(period.first, period.last + 1)
    )


def _migration(timeline: Timeline, tally: Tally) -> dict:
    return _planted(
        timeline,
        Period(timeline.migration_day, timeline.window.last),
        "A share of those whose main device is a desktop browser use the app only, "
        "from the start date on.",
        true_effect={"share_of_desktop_users": MIGRATING_SHARE},
        user_count=len(tally.migrants),
        user_ids=tally.migrants,
    )


def _campaign(timeline: Timeline, tally: Tally) -> dict:
    rules = {
        LAPSING: (
            f"last purchase {LAPSING_AFTER_DAYS + 1} to {LAPSING_UNTIL_DAYS} days "
            "before the start date"
        ),
        FREQUENT: (
            f"{LOYAL_PURCHASES} or more purchases in the {LOYAL_WITHIN_DAYS} days "
            "before the start date"
        ),
    }
    return _planted(
        timeline,
        timeline.campaign,
        "Assigned at random, half to treatment, on the start date; the outcome is a "
        "purchase from the start date to the end date. The true effect is the share of "
        "a segment's users, treated or not, who buy if treated and only then.",
        campaign=CAMPAIGN,
        response_share_of_lapsing=CAMPAIGN_RESPONSE_SHARE,
        true_effect={segment: _true_effect(tally, segment) for segment in rules},
        segments={
            segment: {"rule": rule, "groups": _groups(tally, segment)}
            for segment, rule in rules.items()
        },
    )


def _groups(tally: Tally, segment: str) -> dict:
    return {
        group: {
            "users": tally.campaign[segment, group, "users"],
            "buyers": tally.campaign[segment, group, "buyers"],
        }
        for group in (TREATMENT, CONTROL)
    }


def _true_effect(tally: Tally, segment: str) -> float | None:
    users = sum(group["users"] for group in _groups(tally, segment).values())
    return round(tally.campaign[segment, "won"] / users, 6) if users else None
