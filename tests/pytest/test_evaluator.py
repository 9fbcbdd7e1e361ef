"""The evaluator of rules against examples worked out by hand, and against algebra.

The evaluator judges the SQL, so it is judged here without it. Numbers in brackets are
the points of "What it means" in the contract of the rules.
"""

import json
from datetime import date, timedelta
from functools import partial

import jinja2
import pytest
from evaluator import OPERATORS, Evaluator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_strategies import LAST_DAY, as_jinja, rules, worlds

from raw_contract import EVENT_COLUMNS, USER_COLUMNS

DAY = date(2024, 3, 10)

quickly = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def event(days_ago=0, name="purchase", user="u1", at="12:00:00", **columns):
    """A raw event so many days before DAY, in UTC; the id tells its place."""
    occurred_at = columns.pop("occurred_at", f"{DAY - timedelta(days_ago)} {at}")
    return {
        "event_id": f"{name} {occurred_at} {user}",
        "event_name": name,
        "occurred_at": occurred_at,
        "user_id": user,
        **columns,
    }


def profile(user="u1", **columns):
    return {"user_id": user, **columns}


def members(rule, events=(), users=(), *, day=DAY, population=None, others=None, **how):
    return Evaluator(events, users, **how).members(rule, day, population, others)


def holds(rule, events=(), users=(), **how):
    """Whether a rule holds for u1, who has a profile from the beginning of time on."""
    return "u1" in members(rule, events, [profile(), *users], **how)


def performed(event="purchase", **arguments):
    return {"rule": "performed", "event": event, **arguments}


def in_order(*steps, **arguments):
    steps = [step if isinstance(step, dict) else {"event": step} for step in steps]
    return {"rule": "performed_in_order", "steps": steps, **arguments}


def compared(operator, *value):
    return {"operator": operator} | dict(zip(["value"], value, strict=False))


def fact(column, *comparison):
    return {"rule": "fact", "column": column} | compared(*comparison)


def trait(name, *comparison):
    return {"rule": "trait", "name": name} | compared(*comparison)


def group(kind, *some):
    return {"rule": kind, "rules": list(some)}


def none_of(*some):
    return group("none_of", *some)


EVERYONE = {"rule": "everyone"}


def where(**conditions):
    return performed(where=conditions)


def with_properties(**properties):
    return [event(properties=json.dumps(properties))]


# Dates (1)


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ({}, [0, 1, 4000], [-1]),
        ({"within_days": 1}, [0], [-1, 1]),
        ({"within_days": 7}, [0, 6], [-1, 7]),
        ({"within_days": 14, "until_days_ago": 7}, [7, 13], [6, 14]),
        ({"until_days_ago": 7}, [7, 400], [6]),
        ({"until_days_ago": 0}, [0], [-1]),
        ({"since": "2024-03-01", "until": "2024-03-03"}, [9, 7], [10, 6]),
        ({"since": "2024-03-01", "within_days": 7}, [6], [7]),
        ({"until": "2024-03-20"}, [0], [-1]),
        ({"until": "2024-03-05", "within_days": 7}, [5, 6], [4, 7]),
    ],
)
def test_a_window_counts_calendar_days(window, inside, outside):
    for days_ago in inside + outside:
        found = holds(performed(**window), [event(days_ago)])
        assert found == (days_ago in inside), days_ago


@pytest.mark.parametrize(
    ("time_zone", "day", "last_before", "first_of_day"),
    [
        ("UTC", "2024-03-10", "2024-03-09 23:59:59", "2024-03-10 00:00:00"),
        ("Asia/Kolkata", "2024-03-10", "2024-03-09 18:29:59", "2024-03-09 18:30:00"),
        # The hour after midnight doesn't exist: the day begins at one o'clock.
        (
            "America/Sao_Paulo",
            "2017-10-15",
            "2017-10-15 02:59:59",
            "2017-10-15 03:00:00",
        ),
        # 30 December doesn't exist: the 31st follows the 29th.
        ("Pacific/Apia", "2011-12-31", "2011-12-30 09:59:59", "2011-12-30 10:00:00"),
        # The clock moves by half an hour on the day before.
        (
            "Australia/Lord_Howe",
            "2017-10-02",
            "2017-10-01 12:59:59",
            "2017-10-01 13:00:00",
        ),
        (
            "Australia/Lord_Howe",
            "2017-10-01",
            "2017-09-30 13:29:59",
            "2017-09-30 13:30:00",
        ),
    ],
)
def test_a_day_begins_at_local_midnight(time_zone, day, last_before, first_of_day):
    today = performed(within_days=1)
    day = date.fromisoformat(day)
    for occurred_at, expected in ((last_before, False), (first_of_day, True)):
        events = [event(occurred_at=occurred_at)]
        assert holds(today, events, time_zone=time_zone, day=day) == expected
        # The other way round: the day before ends there.
        before = day - timedelta(1)
        known = members(performed(), events, time_zone=time_zone, day=before)
        assert known == (set() if expected else {"u1"})


def test_a_day_that_a_country_left_out_is_a_day_of_the_calendar():
    events = [
        event(occurred_at="2011-12-30 09:59:59"),
        event(name="login", occurred_at="2011-12-30 10:00:00"),
    ]
    for gap_days, expected in ((1, False), (2, True)):
        assert (
            holds(
                in_order("purchase", "login", gap_days=gap_days),
                events,
                time_zone="Pacific/Apia",
                day=date(2011, 12, 31),
            )
            == expected
        )


def test_a_day_before_is_one_day_apart_where_a_clock_goes_back_over_midnight():
    # At 00:01 on 7 November the clock of Newfoundland went back to 23:01 on the 6th.
    events = [
        event(occurred_at="2010-11-07 02:30:30"),
        event(name="login", occurred_at="2010-11-07 02:31:00"),
    ]
    where_and_when = {"time_zone": "America/St_Johns", "day": date(2010, 11, 8)}
    for gap_days, expected in ((0, False), (1, True)):
        rule = in_order("purchase", "login", gap_days=gap_days)
        assert holds(rule, events, **where_and_when) == expected
    assert holds(performed("login", until="2010-11-06"), events, **where_and_when)
    assert holds(performed(since="2010-11-07"), events, **where_and_when)


# The future (2)


def test_profile_changes_after_the_date_do_not_exist():
    users = [
        profile(plan="gold", updated_at="2024-03-10 23:59:59"),
        profile(plan="basic", updated_at="2024-03-11 00:00:00"),
    ]
    assert members(fact("plan", "=", "gold"), users=users) == {"u1"}
    next_day = DAY + timedelta(1)
    assert members(fact("plan", "=", "basic"), users=users, day=next_day) == {"u1"}
    assert members(EVERYONE, users=users, day=DAY - timedelta(1)) == set()


@pytest.mark.parametrize(
    ("earlier", "later", "value"),
    [
        ({"plan": "a"}, {"plan": "b"}, "b"),
        ({"plan": "b"}, {"plan": "a"}, "a"),
        ({"plan": "a"}, {"plan": None}, "a"),
        ({"plan": "a"}, {"plan": ""}, None),
        ({"plan": ""}, {"plan": "a"}, "a"),
    ],
)
def test_the_last_value_that_is_not_null_counts_and_empty_text_clears(
    earlier, later, value
):
    users = [
        profile(**later, updated_at="2024-03-02"),
        profile(**earlier, updated_at="2024-03-01"),
    ]
    [user] = Evaluator([], users).users_on(DAY).values()
    assert user.facts["plan"] == value


def test_the_larger_of_two_values_of_the_same_time_counts_for_each_column():
    users = [
        profile(plan="a", city="B", company_size="9", marketing_consent="TRUE"),
        profile(plan="", city="a", company_size="10", marketing_consent="false"),
    ]
    [user] = Evaluator([], users).users_on(DAY).values()
    assert user.facts["plan"] == "a"
    assert user.facts["city"] == "a"
    assert user.facts["company_size"] == 10
    assert user.facts["marketing_consent"] is True


def test_each_key_of_traits_has_its_own_last_value():
    users = [
        profile(traits='{"a": 1, "b": "x", "c": "y"}', updated_at="2024-03-01"),
        profile(traits='{"a": 2, "b": null, "c": ""}', updated_at="2024-03-02"),
        profile(traits="{broken", updated_at="2024-03-03"),
    ]
    [user] = Evaluator([], users).users_on(DAY).values()
    assert user.traits == {"a": "2", "b": "x"}


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        (9, 10),
        (-2, -1),
        ("10", "9"),
        ("New", "New York"),
        ("", "a"),
        ("Z", "a"),
        (False, True),
        ("9", 1),
        (True, 0),
        (None, ""),
    ],
)
def test_of_traits_of_the_same_time_the_larger_number_else_the_larger_text_counts(
    smaller, larger
):
    rows = [profile(traits=json.dumps({"a": value})) for value in (smaller, larger)]
    alone = Evaluator([], [rows[1]]).users_on(DAY)["u1"].traits
    for users in (rows, rows[::-1]):
        assert Evaluator([], users).users_on(DAY)["u1"].traits == alone


def test_a_profile_without_history_holds_from_the_sign_up_on():
    users = [
        profile("u1", signed_up_at="2024-03-10 10:00:00"),
        profile("u2", signed_up_at="2024-03-11 10:00:00"),
        profile("u3", signed_up_at="soon"),
        profile("u4"),
    ]
    assert members(EVERYONE, users=users) == {"u1", "u3", "u4"}
    assert members(fact("signed_up_at", "is set"), users=users) == {"u1"}


@pytest.mark.parametrize(
    ("columns", "is_kept"),
    [
        ({"user_id": None}, False),
        ({"user_id": ""}, False),
        ({"updated_at": "yesterday"}, False),
        ({"updated_at": "2024-02-30"}, False),
        ({"updated_at": ""}, True),
        ({"signed_up_at": "yesterday"}, True),
        ({"traits": "{broken"}, True),
    ],
)
def test_which_profiles_are_rejected(columns, is_kept):
    users = [profile() | columns]
    assert members(EVERYONE, users=users) == ({"u1"} if is_kept else set())


# Population and two values (3, 4, 5)


def test_everyone_with_an_event_or_a_profile_is_asked():
    events = [event(user="buyer"), event(user="later", days_ago=-1)]
    users = [profile("idle"), profile("tomorrow", updated_at="2024-03-11")]
    evaluator = Evaluator(events, users)
    assert evaluator.population(DAY) == {"buyer", "idle"}
    not_performed = {"rule": "not_performed", "event": "purchase"}
    assert evaluator.members(not_performed, DAY) == {"idle"}
    assert evaluator.holds(not_performed, "idle", DAY)
    assert not evaluator.holds(not_performed, "nobody", DAY)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("=", ["a"]),
        (">", ["a"]),
        ("<", [5]),
        ("between", [["a", "b"]]),
        ("in", [["a", 5, True]]),
        ("contains", ["a"]),
        ("starts with", ["a"]),
        ("matches", ["a*"]),
        ("is set", []),
        ("within days", [7]),
        ("in next days", [7]),
        ("anniversary in next days", [400]),
        ("before", ["2024-03-10"]),
        ("on", ["2024-03-10"]),
    ],
)
def test_a_missing_value_fails_every_operator(operator, value):
    rule = fact("plan", operator, *value)
    assert not holds(rule)
    assert holds(none_of(rule))


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("!=", ["a"]),
        ("not in", [["a", 5, True]]),
        ("not contains", ["a"]),
        ("not matches", ["a*"]),
        ("not between", [["a", "b"]]),
        ("not within days", [7]),
        ("is not set", []),
    ],
)
def test_a_missing_value_passes_every_negative_operator(operator, value):
    assert holds(fact("plan", operator, *value))
    assert holds(trait("plan", operator, *value))
    condition = [operator, *value]
    assert holds(performed(where={"city": condition, "never": condition}), [event()])


@pytest.mark.parametrize(
    ("properties", "is_set"),
    [
        ({}, False),
        ({"a": None}, False),
        ({"a": ""}, False),
        ({"a": []}, False),
        ({"a": {}}, False),
        ({"a": {"b": 1}}, False),
        ({"a": " "}, True),
        ({"a": 0}, True),
        ({"a": False}, True),
        ({"a": [None]}, True),
    ],
)
def test_what_is_set(properties, is_set):
    events = with_properties(**properties)
    assert holds(where(a=["is set"]), events) == is_set
    assert holds(where(a=["is not set"]), events) == (not is_set)


def test_an_empty_text_of_an_event_is_not_set_but_no_null():
    events = [event(city="")]
    assert not holds(where(city=["is set"]), events)
    assert holds(where(city=""), events)
    assert not holds(where(country=""), events)


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [
        ({}, {1, 2, 3}),
        ({"at_least": 0}, {0, 1, 2, 3}),
        ({"at_least": 2}, {2, 3}),
        ({"at_most": 1}, {0, 1}),
        ({"at_most": 0}, {0}),
        ({"exactly": 0}, {0}),
        ({"exactly": 2}, {2}),
        ({"at_least": 1, "at_most": 2}, {1, 2}),
    ],
)
@pytest.mark.parametrize(
    "measure", [{}, {"measure": "days"}, {"measure": "distinct", "of": "city"}]
)
def test_bounds_are_inclusive_and_nothing_counts_as_zero(bounds, counts, measure):
    for count in range(4):
        events = [event(number, city=f"city {number}") for number in range(count)]
        assert holds(performed(**bounds, **measure), events) == (count in counts)


def test_days_and_distinct_count_different_ones():
    events = [
        *with_properties(a=42),
        event(at="13:00:00", properties='{"a": "42"}'),
        event(at="14:00:00", properties='{"a": true}'),
        event(1, properties='{"a": [1]}'),
        event(1, at="13:00:00", properties='{"a": {"b": 1}}'),
        event(1, at="14:00:00", properties='{"a": null}'),
    ]
    assert holds(performed(measure="count", exactly=6), events)
    assert holds(performed(measure="days", exactly=2), events)
    assert holds(performed(measure="distinct", of="a", exactly=2), events)


@pytest.mark.parametrize(
    ("revenues", "measure", "value"),
    [
        (["0.1", "0.2"], "sum", 0.3),
        (["10", None, "x", "-2.5"], "sum", 7.5),
        (["10", None, "5"], "avg", 7.5),
        (["1", "0", "0"], "avg", 0.333333),
        (["2", "0", "0"], "avg", 0.666667),
        (["10", None, "-5"], "min", -5),
        (["10", None, "-5"], "max", 10),
        (["1.00005"], "sum", 1.0001),
        (["-1.00005"], "sum", -1.0001),
        (["99999999999999"], "sum", 99999999999999),
    ],
)
def test_sum_and_its_like_read_numbers_and_round_to_six_decimals(
    revenues, measure, value
):
    events = [event(days, revenue=revenue) for days, revenue in enumerate(revenues)]
    about = {"measure": measure, "of": "revenue"}
    assert holds(performed(**about, exactly=value), events)
    assert holds(performed(**about, at_least=value, at_most=value), events)
    assert not holds(performed(**about, at_least=value + 0.01), events)


@pytest.mark.parametrize("measure", ["sum", "avg", "min", "max"])
def test_no_bound_holds_over_nothing(measure):
    for events in ([], [event(revenue="x")], [event(revenue="1e20")]):
        for bound in ("at_least", "at_most", "exactly"):
            arguments = {"measure": measure, "of": "revenue", bound: 0}
            assert not holds(performed(**arguments), events)
            assert holds(performed(**arguments) | {"rule": "not_performed"}, events)


# Duplicates and rejected rows (7, 11)


def delivery(received_at, **columns):
    return event() | {"event_id": "same", "received_at": received_at} | columns


def winners(deliveries):
    return [one.values["city"] for one in Evaluator(deliveries, []).events]


def test_the_delivery_that_was_received_first_counts():
    deliveries = [
        delivery("2024-03-12", city="second"),
        delivery("2024-03-11", city="first", occurred_at="2024-03-09"),
        delivery("2024-03-13", city="third", occurred_at="2024-03-08"),
    ]
    assert winners(deliveries) == winners(deliveries[::-1]) == ["first"]
    # What decides is not whether the delivery had arrived or happened by the date.
    later = [
        delivery("2024-03-11", occurred_at="2024-03-12"),
        delivery("2024-03-12", occurred_at="2024-03-09"),
    ]
    assert members(performed(), later) == set()


def test_of_deliveries_received_together_the_earlier_then_the_smaller_counts():
    deliveries = [
        delivery("2024-03-11", city="later", occurred_at="2024-03-09 12:00:01"),
        delivery("2024-03-11", city="earlier", occurred_at="2024-03-09 12:00:00"),
        delivery("2024-03-11", city="z", occurred_at="2024-03-09 12:00:00"),
    ]
    assert winners(deliveries) == winners(deliveries[::-1]) == ["earlier"]


def test_without_a_time_of_arrival_an_event_arrived_when_it_happened():
    deliveries = [
        delivery("2024-03-10 12:00:01", city="second"),
        delivery("", city="first"),
        delivery("soon", city="third"),
    ]
    assert winners(deliveries) == ["first"]


def test_a_rejected_delivery_never_wins():
    deliveries = [delivery("2024-03-01", city="no"), delivery("2024-03-11", city="yes")]
    assert winners(deliveries) == ["yes"]


def test_an_event_that_arrives_late_counts_from_the_day_it_happened_on():
    assert holds(performed(within_days=1), [event(received_at="2024-05-01")])


@pytest.mark.parametrize(
    ("columns", "is_kept"),
    [
        ({}, True),
        ({"event_id": ""}, False),
        ({"event_id": None}, False),
        ({"event_name": ""}, False),
        ({"user_id": ""}, False),
        ({"user_id": "", "anonymous_id": "a1"}, True),
        ({"occurred_at": ""}, False),
        ({"occurred_at": "2023-02-29 10:00:00"}, False),
        ({"received_at": "2024-03-09 00:00:00"}, True),
        ({"received_at": "2024-03-08 23:59:59"}, False),
        ({"occurred_at": "2024-04-02 23:59:59"}, True),
        ({"occurred_at": "2024-04-03 00:00:00"}, False),
        ({"properties": "{broken"}, True),
        ({"revenue": "much", "quantity": "x"}, True),
    ],
)
def test_which_events_are_rejected(columns, is_kept):
    evaluator = Evaluator([event() | columns], [], load_date=date(2024, 4, 1))
    assert len(evaluator.events) == is_kept


# Ranks (8)


def sizes(**of):
    return [profile(user, company_size=size) for user, size in of.items()]


def rank(kind, column, percent):
    return {"rule": f"{kind}_percent", "column": column, "percent": percent}


@pytest.mark.parametrize(
    ("percent", "top", "bottom"),
    [
        (24.99, "", ""),
        (25, "d", ""),
        (49.99, "d", ""),
        (50, "cd", "ab"),
        (74.99, "cd", "ab"),
        (75, "cd", "abc"),
        (99.99, "cd", "abc"),
        (100, "abcd", "abcd"),
    ],
)
def test_a_share_of_users_is_never_exceeded_and_ties_stay_together(
    percent, top, bottom
):
    # a and b tie below, missing values are nobody's; c is between.
    users = sizes(a="1", b="1", c="2", d="3", e=None, f="x")
    assert members(rank("top", "company_size", percent), users=users) == set(top)
    assert members(rank("bottom", "company_size", percent), users=users) == set(bottom)


def test_a_rank_is_over_the_population_and_inside_it_over_everyone():
    users = sizes(a="1", b="2", c="3", d="4")
    top_half = rank("top", "company_size", 50)
    population = fact("company_size", "<=", 2)
    assert members(top_half, users=users, population=population) == {"b"}
    assert members(top_half, users=users, population=top_half) == {"d"}


def test_ranks_compare_text_by_bytes_and_times_by_local_date():
    plans = [profile("a", plan="Z"), profile("b", plan="a"), profile("c", plan="ä")]
    assert members(rank("top", "plan", 34), users=plans) == {"c"}
    assert members(rank("bottom", "plan", 34), users=plans) == {"a"}
    users = [
        profile("a", signed_up_at="2024-03-01 08:00:00"),
        profile("b", signed_up_at="2024-03-01 09:00:00"),
    ]
    assert members(rank("top", "signed_up_at", 50), users=users) == set()


# Text (9)


@pytest.mark.parametrize(
    ("city", "operator", "value", "expected"),
    [
        ("Köln", "=", "Köln", True),
        ("köln", "=", "Köln", False),
        ("Köln ", "=", "Köln", False),
        ("Köln", "contains", "ö", True),
        ("Köln", "contains", "k", False),
        ("Köln", "starts with", "K", True),
        ("Köln", "ends with", "K", False),
        ("Köln", "ends with", "ln", True),
        ("50% off", "contains", "0%", True),
        ("50 off", "contains", "0%", False),
        ("a_b", "contains", "_", True),
        ("axb", "contains", "a_b", False),
        ("Köln", "matches", "öl", True),
        ("Köln", "matches", "^öl", False),
        ("Köln", "not matches", "^öl", True),
        ("B", "<", "a", True),
        ("ä", ">", "z", True),
        ("10", "<", "9", True),
        ("10", "<", 9, False),
        ("b", "between", ["a", "b"], True),
        ("b ", "between", ["a", "b"], False),
        ("on", "in", ["on", "off"], True),
        ("😀", ">", "\uffff", True),
    ],
)
def test_text_compares_exactly_and_in_the_order_of_its_bytes(
    city, operator, value, expected
):
    assert holds(where(city=[operator, value]), [event(city=city)]) == expected
    assert holds(fact("city", operator, value), [], [profile(city=city)]) == expected


# Identity (10)


def device(days_ago, user=None, anonymous_id="a1", **columns):
    return event(days_ago, user=user, anonymous_id=anonymous_id, **columns)


def test_an_anonymous_id_is_a_user_of_its_own_until_the_day_of_its_link():
    events = [device(5), device(2, user="u1", name="login"), device(1)]
    before, after = DAY - timedelta(3), DAY
    evaluator = Evaluator(events, [])
    assert evaluator.members(fact("is_anonymous", "=", True), before) == {"a1"}
    assert evaluator.population(after) == {"u1"}
    assert evaluator.holds(performed(exactly=2), "u1", after)
    assert evaluator.holds(fact("is_anonymous", "=", False), "u1", after)


def test_a_shared_device_belongs_to_the_user_it_was_last_seen_with():
    events = [device(6), device(5, user="u1"), device(4), device(3, user="u2")]
    evaluator = Evaluator(events, [])
    day = DAY - timedelta(4)
    assert evaluator.members(performed(exactly=3), day) == {"u1"}
    # Events with a user stay with that user, the others all move.
    assert evaluator.members(performed(exactly=1), DAY) == {"u1"}
    assert evaluator.members(performed(exactly=3), DAY) == {"u2"}


def test_links_of_the_same_time_go_by_event_id():
    events = [
        device(1, event_id="e1"),
        device(0, user="u2", event_id="e10"),
        device(0, user="u1", event_id="e9"),
    ]
    assert members(performed(exactly=2), events) == {"u1"}


def test_conditions_on_user_id_see_the_id_of_the_event_itself():
    events = [device(1), device(0, user="u1")]
    assert holds(performed(where={"user_id": "u1"}, exactly=1), events)
    assert holds(performed(where={"user_id": ["is not set"]}, exactly=1), events)


# Events and their names


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ("purchase", "purchase", True),
        ("purchase", "Purchase", False),
        ("purchase", "purchases", False),
        ("view_*", "view_list", True),
        ("view_*", "viewXlist", False),
        ("view_*", "view_", True),
        ("*", "anything", True),
        ("a*b", "a*b", True),
        ("a*b", "axb", False),
        ("100%*", "100 per cent", False),
        (["login", "view*"], "viewed", True),
        (["login", "view*"], "purchase", False),
    ],
)
def test_a_name_is_exact_and_a_trailing_star_makes_a_prefix(asked, name, expected):
    assert holds(performed(asked), [event(name=name)]) == expected


def test_a_list_of_names_is_counted_together():
    events = [event(name="login"), event(name="view_list")]
    assert holds(performed(["login", "view*"], exactly=2), events)


# Kinds of rules on events


def test_first_performed_looks_at_the_first_event_that_matches():
    events = [event(10, city="Bonn"), event(3, city="Köln"), event(0)]
    first = {"rule": "first_performed", "event": "purchase"}
    assert holds(first, events)
    assert not holds(first, [])
    assert holds(first | {"within_days": 11}, events)
    assert not holds(first | {"within_days": 10}, events)
    in_cologne = first | {"where": {"city": "Köln"}}
    assert holds(in_cologne | {"within_days": 4}, events)
    assert not holds(in_cologne | {"within_days": 3}, events)


def test_last_performed_looks_at_the_last_event_that_matches():
    events = [
        event(3, city="Bonn", platform="web"),
        event(0, city="Köln", event_id="e10"),
        event(0, city="Trier", event_id="e9"),
        event(-1, city="Mainz"),
    ]
    last = {"rule": "last_performed", "event": "purchase"}
    assert holds(last, events)
    assert holds(last | {"having": {"city": "Trier"}}, events)
    assert not holds(last | {"having": {"city": "Köln"}}, events)
    on_web = last | {"where": {"platform": "web"}}
    assert holds(on_web | {"having": {"city": "Bonn"}}, events)
    for negative in (["is not set"], ["!=", "x"]):
        assert not holds(last | {"having": {"city": negative}}, [])


@pytest.mark.parametrize(
    ("days_ago", "arguments", "expected"),
    [
        ([("a", 2), ("b", 1), ("c", 0)], {}, True),
        ([("a", 2), ("c", 1), ("b", 0)], {}, False),
        ([("a", 2), ("b", 1)], {}, False),
        # Some choice of events, not only the earliest or the latest ones.
        ([("a", 9), ("a", 3), ("b", 2), ("c", 1)], {"gap_days": 1}, True),
        ([("a", 3), ("b", 2), ("b", 0), ("c", 1)], {"gap_days": 1}, True),
        ([("a", 5), ("b", 4), ("a", 2), ("c", 1)], {"gap_days": 1}, False),
        ([("a", 6), ("b", 3), ("c", 0)], {"within_days": 7}, True),
        ([("a", 6), ("b", 3), ("c", 0)], {"within_days": 6}, False),
        ([("a", 6), ("b", 3), ("c", 0)], {"gap_days": 3}, True),
        ([("a", 6), ("b", 3), ("c", 0)], {"gap_days": 2}, False),
    ],
)
def test_steps_in_order(days_ago, arguments, expected):
    events = [event(days, name=name) for name, days in days_ago]
    assert holds(in_order("a", "b", "c", **arguments), events) == expected


def test_steps_at_the_same_time_follow_by_event_id():
    for ids, expected in ((("e1", "e2"), True), (("e2", "e1"), False)):
        events = [
            event(name=name, event_id=event_id)
            for name, event_id in zip("ab", ids, strict=True)
        ]
        assert holds(in_order("a", "b", gap_days=0), events) == expected


def test_one_event_is_one_step():
    again = in_order("purchase", {"event": "*", "where": {"city": "Bonn"}})
    assert not holds(again, [event(city="Bonn")])
    assert holds(again, [event(city="Bonn"), event(1)])


@pytest.mark.parametrize(
    ("events", "arguments", "expected"),
    [
        ([("cart", 3)], {}, True),
        ([("cart", 3), ("buy", 0)], {}, False),
        ([("buy", 3), ("cart", 2)], {}, True),
        ([], {}, False),
        # Only within the gap does a later one count.
        ([("cart", 3), ("buy", 0)], {"gap_days": 2}, True),
        ([("cart", 3), ("buy", 0)], {"gap_days": 3}, False),
        # An event still within its gap counts as without.
        ([("cart", 0)], {"gap_days": 7}, True),
        # One of several is enough.
        ([("cart", 5), ("buy", 4), ("cart", 3)], {}, True),
        ([("cart", 6)], {"within_days": 7}, True),
        ([("cart", 7)], {"within_days": 7}, False),
        ([("cart", 8), ("cart", 6), ("buy", 5)], {"within_days": 7}, False),
        ([("cart", 3), ("buy", -1)], {}, True),
    ],
)
def test_performed_without(events, arguments, expected):
    rule = {"rule": "performed_without", "first": "cart", "then": ["buy"], **arguments}
    events = [event(days, name=name) for name, days in events]
    assert holds(rule, events) == expected


def test_performed_without_compares_the_order_of_events_and_takes_steps():
    rule = {
        "rule": "performed_without",
        "first": {"event": "purchase", "where": {"city": "Bonn"}},
        "then": {"event": "purchase", "where": {"city": ["!=", "Bonn"]}},
    }
    first, second = event(city="Bonn", event_id="e1"), event(event_id="e2")
    assert not holds(rule, [first, second])
    assert holds(rule, [first | {"event_id": "e3"}, second])
    # An event doesn't follow itself.
    alone = {"rule": "performed_without", "first": "purchase", "then": "purchase"}
    assert holds(alone, [event()])


@pytest.mark.parametrize(
    ("days_ago", "arguments", "expected"),
    [
        ([0, 7, 14], {}, True),
        ([6, 13, 20], {}, True),
        ([6, 13, 21], {}, False),
        ([6, 13, 21], {"periods": 2}, True),
        ([0, 14], {"periods": 2}, True),
        ([0, 1, 7], {"at_least": 2, "periods": 1}, True),
        ([0, 7, 14], {"at_least": 2, "periods": 1}, False),
        ([-1, 7, 14], {}, False),
    ],
)
def test_performed_regularly(days_ago, arguments, expected):
    rule = {"rule": "performed_regularly", "event": "purchase", "period_days": 7}
    events = [event(days) for days in days_ago]
    assert holds(rule | {"of_last": 3} | arguments, events) == expected


# Facts


def test_facts_of_events():
    events = [
        event(40, revenue="20", platform="web"),
        event(29, revenue="-1", platform="ios"),
        event(28, name="refund", revenue="-5.5", platform="android"),
        event(27, name="Purchase", revenue="7"),
        event(26, name="view", platform=""),
        event(3, name="email_delivered", platform="mail"),
        event(-1, revenue="9"),
    ]
    users = [profile("u2", signed_up_at="2024-03-08")]
    facts = Evaluator(events, users).users_on(DAY)
    expected = {
        "purchase_count": 2,
        "purchase_count_30d": 1,
        "revenue": 13.5,
        "days_since_last_active": 26,
        "tenure_days": 40,
        "last_platform": "ios",
    }
    assert {name: facts["u1"].facts[name] for name in expected} == expected
    expected = {
        "purchase_count": 0,
        "purchase_count_30d": 0,
        "revenue": 0,
        "days_since_last_active": None,
        "tenure_days": 2,
        "last_platform": None,
    }
    assert {name: facts["u2"].facts[name] for name in expected} == expected


# Values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, 42) for text in ("42", "42.0", "4.2e1", "4.2E+1", "420e-1")),
        *((text, 0) for text in ("0", "-0", "0.0", "0e5")),
        ("-3.5", -3.5),
        *(
            (text, None)
            for text in (
                *("+5", "007", ".5", "5.", " 42 ", "42d", "1_000", "0x1A", "1,5"),
                *("NaN", "Infinity", "-", "1e", "1e5.5", "٤", "", "true"),
            )
        ),
    ],
)
def test_what_is_a_number(written, value):
    for name, columns in (
        ("app_version", {"app_version": written}),
        ("revenue", {"revenue": written}),
        ("a", {"properties": json.dumps({"a": written})}),
    ):
        events = [event(**columns)]
        readable = holds(performed(where={name: [">=", -100]}), events)
        assert readable == (value is not None), name
        if readable:
            assert holds(performed(where={name: value}), events), name


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3", 3),
        ("3.0", 3),
        ("3e0", None),
        ("2.5", None),
        ("x", None),
        ("3000000000", None),
    ],
)
def test_a_whole_number_has_no_fraction(written, value):
    for rule, events, users in (
        (where(quantity=["is set"]), [event(quantity=written)], []),
        (fact("company_size", "is set"), [], [profile(company_size=written)]),
    ):
        assert holds(rule, events, users) == (value is not None)
    if value is not None:
        assert holds(where(quantity=value), [event(quantity=written)])


@pytest.mark.parametrize(
    ("stored", "value", "expected"),
    [
        (True, True, True),
        ("true", True, True),
        ("True", True, False),
        (1, True, False),
        (False, False, True),
        (None, False, False),
        (True, "true", True),
        (42, "42", True),
        ("42", 42, True),
        (1, 1, True),
        (True, 1, False),
        ([True], True, False),
    ],
)
def test_the_type_of_the_value_in_the_rule_decides_how_the_stored_one_is_read(
    stored, value, expected
):
    events = with_properties(a=stored)
    assert holds(where(a=value), events) == expected
    assert holds(where(a=["!=", value]), events) == (not expected)
    assert holds(where(a=["in", ["other", value]]), events) == expected
    assert holds(where(a=["not in", [value]]), events) == (not expected)
    users = [profile(traits=json.dumps({"a": stored}))]
    assert holds(trait("a", "=", value), [], users) == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("True", True), ("FALSE", False), ("x", None)],
)
def test_consent_is_read_in_any_case(written, value):
    users = [profile(marketing_consent=written)]
    for asked in (True, False):
        found = holds(fact("marketing_consent", "=", asked), [], users)
        assert found == (value is asked)


@pytest.mark.parametrize(
    ("stored", "operator", "value", "expected"),
    [
        (["red", "blue"], "contains", "red", True),
        (["red", "blue"], "contains", "re", False),
        (["red", "blue"], "not contains", "re", True),
        (["red"], "=", "red", False),
        (["red"], "!=", "red", True),
        (["red"], "starts with", "r", False),
        (["red"], "matches", "r", False),
        (["red"], "in", ["red"], False),
        ([5], "=", 5, False),
        ([5], "between", [1, 9], False),
        ([5], "not between", [1, 9], True),
        (["2024-03-10"], "on", "2024-03-10", False),
        ({"red": 1}, "contains", "red", False),
        ({"red": 1}, "=", "red", False),
    ],
)
def test_of_a_list_only_contains_can_hold_and_an_object_is_missing(
    stored, operator, value, expected
):
    assert holds(where(a=[operator, value]), with_properties(a=stored)) == expected


@pytest.mark.parametrize(
    ("stored", "day"),
    [
        ("2024-03-10", "2024-03-10"),
        # A time is UTC and shifted to Kolkata, five and a half hours ahead.
        ("2024-03-10 18:29:59", "2024-03-10"),
        ("2024-03-10T18:30", "2024-03-11"),
        ("2024-03-10 23:00:00Z", "2024-03-11"),
        ("2024-03-10T23:00:00.5+05:30", "2024-03-10"),
        ("2024-03-10 23:00:00-02", "2024-03-11"),
        ("2024-03-10 23:00:00+0530", "2024-03-10"),
        ("2024-02-30", None),
        ("2024-03-10Z", None),
        ("2024-3-10", None),
        ("20240310", None),
        ("2024-03-10 ", None),
        ("2024-03-10 24:00", None),
        (20240310, None),
        (True, None),
    ],
)
def test_a_date_is_alone_or_a_time_that_is_shifted(stored, day):
    events = with_properties(a=stored)
    for asked in ("2024-03-09", "2024-03-10", "2024-03-11"):
        found = holds(
            where(a=["on", asked]), events, time_zone="Asia/Kolkata", day=LAST_DAY
        )
        assert found == (asked == day)


@pytest.mark.parametrize(
    ("operator", "value", "inside", "outside"),
    [
        ("within days", 7, [0, 6], [-1, 7]),
        ("not within days", 7, [-1, 7], [0, 6]),
        ("in next days", 7, [-1, -7], [0, -8, 1]),
        ("before", "2024-03-10", [1], [0, -1]),
        ("after", "2024-03-10", [-1], [0, 1]),
        ("on", "2024-03-10", [0], [1, -1]),
        ("=", "2024-03-10", [0], [1]),
        (">=", "2024-03-10", [0, -1], [1]),
        ("between", ["2024-03-09", "2024-03-10"], [0, 1], [2, -1]),
    ],
)
def test_operators_on_days(operator, value, inside, outside):
    for days_ago in inside + outside:
        day = str(DAY - timedelta(days_ago))
        expected = days_ago in inside
        assert holds(where(a=[operator, value]), with_properties(a=day)) == expected
        users = [profile(birth_date=day)]
        assert holds(fact("birth_date", operator, value), [], users) == expected


def test_timestamps_compare_as_local_dates_and_plain_dates_are_not_shifted():
    users = [
        profile(signed_up_at="2024-03-09 18:30:00", birth_date="1990-03-09 18:30:00")
    ]
    events = [event(occurred_at="2024-03-09 18:30:00")]
    for rule in (
        fact("signed_up_at", "=", "2024-03-10"),
        fact("signed_up_at", "in", ["2024-03-10"]),
        fact("birth_date", "on", "1990-03-09"),
        where(occurred_at=["=", "2024-03-10"]),
        where(occurred_at=["on", "2024-03-10"]),
    ):
        # Local time is five and a half hours ahead of UTC.
        assert members(rule, events, users, time_zone="Asia/Kolkata") == {"u1"}


@pytest.mark.parametrize(
    ("born", "day", "days", "expected"),
    [
        ("1990-03-10", "2024-03-10", 7, False),
        ("1990-03-11", "2024-03-10", 1, True),
        ("1990-03-17", "2024-03-10", 7, True),
        ("1990-03-18", "2024-03-10", 7, False),
        ("1990-01-01", "2023-12-31", 1, True),
        ("1990-03-10", "2024-03-10", 365, True),
        ("2000-02-29", "2023-02-27", 1, True),
        ("2000-02-29", "2023-02-28", 1, False),
        ("2000-02-29", "2024-02-27", 1, False),
        ("2000-02-29", "2024-02-28", 1, True),
        ("1999-02-28", "2024-02-27", 1, True),
        ("1999-02-28", "2024-02-28", 1, False),
    ],
)
def test_anniversaries(born, day, days, expected):
    rule = fact("birth_date", "anniversary in next days", days)
    users = [profile(birth_date=born)]
    assert holds(rule, [], users, day=date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("city", "Bonn"),
        ("properties.city", "Köln"),
        ("cart.total", 7),
        ("cart.count", 2),
        ("deep.a.b", "x"),
        ("it's 5%", "y"),
        ("received_at", "z"),
        ("properties", "p"),
    ],
)
def test_a_column_hides_a_property_and_a_key_as_written_hides_a_path(name, value):
    properties = {
        "city": "Köln",
        "cart.total": 7,
        "cart": {"total": 5, "count": 2},
        "deep": {"a": {"b": "x"}},
        "it's 5%": "y",
        "received_at": "z",
        "properties": "p",
    }
    events = [event(city="Bonn", properties=json.dumps(properties))]
    assert holds(performed(where={name: value}), events)


@pytest.mark.parametrize("name", ["cart.total.more", "never", "never.more", "tags.0"])
def test_a_path_that_leads_nowhere_is_missing(name):
    events = with_properties(cart={"total": 5}, tags=["red"])
    assert not holds(performed(where={name: ["is set"]}), events)


@pytest.mark.parametrize(
    "properties",
    ["", "{", "[]", '"a"', "null", '{"a": 1,}', "{'a': 1}", '{"a": NaN}', '{"a": 1} x'],
)
def test_what_is_no_json_object_has_no_properties(properties):
    assert holds(where(a=["is not set"]), [event(properties=properties)])


def test_conditions_are_joined_by_and():
    events = [event(city="Bonn", country="DE"), event(1, city="Köln")]
    assert holds(where(city=["Bonn", "Köln"]), events)
    assert holds(where(city="Bonn", country="DE"), events)
    assert not holds(where(city="Köln", country="DE"), events)
    assert holds(where(city=["in", ["on", "Bonn"]], country=["is set"]), events)


# Other segmentations, splits and groups


def test_in_segment_asks_for_the_same_date():
    others = {
        ("seg_other", DAY): {"u1": {"first", "second"}, "u2": {"rest"}},
        ("seg_other", DAY - timedelta(1)): {"u3": {"first"}},
    }
    users = [profile("u1"), profile("u2"), profile("u3")]
    for segment, expected in (
        ("first", {"u1"}),
        ("rest", {"u2"}),
        (["second", "rest"], {"u1", "u2"}),
        ("third", set()),
    ):
        rule = {"rule": "in_segment", "model": "seg_other", "segment": segment}
        assert members(rule, users=users, others=others) == expected


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (0, ""),
        (43.07, ""),
        # md5 of `a:u1` begins with 6e473e5d, that is 43.0774… % of all.
        (43.08, "u1"),
        # md5 of `a:u2` begins with 7863efbc, that is 47.0274… % of all.
        (47.02, "u1"),
        (47.03, "u1 u2"),
        (100, "u1 u2"),
    ],
)
def test_random_split_compares_the_digits_of_a_hash(percent, expected):
    rule = {"rule": "random_split", "percent": percent, "salt": "a"}
    users = [profile("u1"), profile("u2")]
    assert members(rule, users=users) == set(expected.split())


def test_groups():
    users = [profile(user, plan=user) for user in "abc"]
    is_a, is_b = fact("plan", "=", "a"), fact("plan", "=", "b")
    for kind, expected in (("all_of", ""), ("any_of", "ab"), ("none_of", "c")):
        assert members(group(kind, is_a, is_b), users=users) == set(expected), kind
    assert members(none_of(none_of(is_a)), users=users) == {"a"}


# Texts of a rule in a model


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        (EVERYONE, "everyone()"),
        (
            performed(at_least=2, where={"city": ["in", ["Köln"]], "vip": True}),
            "performed('purchase', at_least=2, "
            "where={'city': ['in', ['Köln']], 'vip': true})",
        ),
        (
            in_order("a", {"event": ["b", "c*"], "where": {"n": -1.5}}, within_days=3),
            "performed_in_order([step('a'), step(['b', 'c*'], where={'n': -1.5})], "
            "within_days=3)",
        ),
        (
            {
                "rule": "performed_without",
                "first": {"event": "a"},
                "then": "b",
                "gap_days": 2,
            },
            "performed_without(step('a'), 'b', gap_days=2)",
        ),
        (fact("plan", "is set"), "fact('plan', 'is set')"),
        (
            group("all_of", trait("a", "=", "O'Neil"), none_of(EVERYONE)),
            "all_of(trait('a', '=', 'O\\U00000027Neil'), none_of(everyone()))",
        ),
        (rank("top", "revenue", 33.3), "top_percent('revenue', 33.3)"),
        (
            {"rule": "in_segment", "model": "seg_a", "segment": ["b"]},
            "in_segment('seg_a', ['b'])",
        ),
        (
            {"rule": "random_split", "percent": 50, "salt": "{{"},
            "random_split(50, '\\U0000007b\\U0000007b')",
        ),
    ],
)
def test_a_rule_as_an_author_writes_it(rule, written):
    assert as_jinja(rule) == written


CALLS = {
    "performed_in_order": ["steps"],
    "performed_without": ["first", "then"],
    "fact": ["column", "operator", "value"],
    "trait": ["name", "operator", "value"],
    "in_segment": ["model", "segment"],
    "top_percent": ["column", "percent"],
    "bottom_percent": ["column", "percent"],
    "random_split": ["percent", "salt"],
    "everyone": [],
    **dict.fromkeys(["performed", "not_performed", "performed_regularly"], ["event"]),
    **dict.fromkeys(["first_performed", "last_performed"], ["event"]),
}
GROUPS = ["all_of", "any_of", "none_of"]


def read_jinja(written):
    """Return the rule of a call in a template, as the macros of the rules would."""
    read = []

    def call(kind):
        return lambda *given, **named: (
            {"rule": kind} | dict(zip(CALLS[kind], given, strict=False)) | named
        )

    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(
        f"{{{{ read({written}) }}}}"
    )
    template.render(
        read=read.append,
        step=lambda event, **named: {"event": event} | named,
        **{kind: call(kind) for kind in CALLS},
        **{kind: partial(group, kind) for kind in GROUPS},
    )
    return read[0]


@quickly
@given(rules())
def test_jinja_reads_what_was_written(rule):
    # As JSON, because in Python true is equal to 1.
    read = json.dumps(read_jinja(as_jinja(rule)), sort_keys=True)
    assert read == json.dumps(rule, sort_keys=True)


@quickly
@given(st.text())
def test_every_text_can_be_written(text):
    rule = fact("plan", "=", text)
    assert read_jinja(as_jinja(rule)) == rule


# Random worlds and rules

SITUATIONS = [
    ("UTC", LAST_DAY),
    ("Europe/Berlin", LAST_DAY),
    ("Asia/Kolkata", LAST_DAY),
    ("America/Sao_Paulo", date(2017, 10, 20)),
    ("Australia/Lord_Howe", date(2017, 10, 5)),
    ("Pacific/Apia", date(2012, 1, 5)),
]


class Case:
    """A world, a date and rules; `ask` is who is in a rule then."""

    def __init__(self, world, time_zone, day, others, rules):
        self.world, self.time_zone, self.day = world, time_zone, day
        self.others = {("seg_other", day): others}
        self.rules = rules
        self.evaluator = Evaluator(**world, time_zone=time_zone)
        self.everyone = self.evaluator.population(day)

    def __repr__(self):
        return f"{self.time_zone}, {self.day}: {self.rules} on {self.world}"

    def ask(self, rule, population=None, evaluator=None):
        evaluator = evaluator or self.evaluator
        return evaluator.members(rule, self.day, population, self.others)


@st.composite
def cases(draw, depths=(2,)):
    time_zone, last_day = draw(st.sampled_from(SITUATIONS))
    return Case(
        world=draw(worlds(time_zone, last_day)),
        time_zone=time_zone,
        day=last_day - timedelta(draw(st.sampled_from([0, 1, 3, 10]))),
        others={"u1": {"first"}, "u2": {"rest"}},
        rules=[draw(rules(depth, last_day)) for depth in depths],
    )


def parts(rule):
    """Return a rule and all rules inside it."""
    return [rule, *(part for inner in rule.get("rules", []) for part in parts(inner))]


@quickly
@given(cases(depths=(2, 1)))
def test_groups_keep_to_algebra(case):
    one, other = case.rules
    first, second = case.ask(one), case.ask(other)
    assert case.ask(none_of(one)) == case.everyone - first
    assert case.ask(group("all_of", one, other)) == first & second
    assert case.ask(group("any_of", one, other)) == first | second
    denied = none_of(one), none_of(other)
    assert case.ask(none_of(*denied)) == first & second
    assert case.ask(none_of(one, other)) == case.ask(group("all_of", *denied))


@quickly
@given(cases(), st.integers(1, 20), st.integers(1, 20))
def test_windows_nest_and_tile(case, days, more):
    short, long = {"within_days": days}, {"within_days": days + more}
    before = long | {"until_days_ago": days}
    inside = case.ask(performed("*", **short))
    assert inside <= case.ask(performed("*", **long))
    assert case.ask(performed("*", **long)) == inside | case.ask(
        performed("*", **before)
    )
    least = performed("*", at_least=more, **long)
    at_most = performed("*", at_most=more - 1, **long)
    assert case.ask(at_most) == case.everyone - case.ask(least)
    assert case.ask(least | {"measure": "days"}) <= case.ask(least)
    assert case.ask(in_order("*", **short)) == inside


@quickly
@given(cases(depths=(0,)))
def test_rules_deny_and_split_as_their_names_say(case):
    [rule] = case.rules
    if rule["rule"] == "performed":
        denied = case.ask(rule | {"rule": "not_performed"})
        assert denied == case.everyone - case.ask(rule)
    for column in ("revenue", "tenure_days", "birth_date", "plan"):
        valued = case.ask(fact(column, "is set"))
        for kind in ("top", "bottom"):
            lower, higher = (case.ask(rank(kind, column, share)) for share in (40, 70))
            assert lower <= higher <= valued
            assert len(higher) * 100 <= 70 * len(valued)
    shares = [
        case.ask({"rule": "random_split", "percent": share, "salt": "a"})
        for share in (0, 12.5, 50, 100)
    ]
    assert shares[0] == set()
    assert shares[0] <= shares[1] <= shares[2] <= shares[3] == case.everyone


@quickly
@given(cases(depths=(2, 1)))
def test_a_population_limits_who_is_asked(case):
    rule, population = case.rules
    inside = case.ask(rule, population)
    assert inside <= case.ask(population)
    if not any(part["rule"].endswith("_percent") for part in parts(rule)):
        assert inside == case.ask(rule) & case.ask(population)


@quickly
@given(cases(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_future_matters(case, random):
    expected = case.ask(case.rules[0])
    events, users = ([*case.world[table]] for table in ("events", "users"))
    tomorrow = str(case.day + timedelta(2))
    events += [event(user=user, occurred_at=tomorrow) for user in ("u1", "new")]
    users += [profile(user, plan="gold", updated_at=tomorrow) for user in ("u1", "new")]
    for rows in (events, users):
        random.shuffle(rows)
    shuffled = Evaluator(events, users, time_zone=case.time_zone)
    assert case.ask(case.rules[0], evaluator=shuffled) == expected


@quickly
@given(worlds("Europe/Berlin"))
def test_worlds_are_raw_rows_of_texts_and_nulls(world):
    contract = {"events": EVENT_COLUMNS, "users": USER_COLUMNS}
    for table, columns in contract.items():
        for row in world[table]:
            assert row.keys() <= columns.keys()
            assert {type(value) for value in row.values()} <= {str, type(None)}


def test_rules_are_of_every_kind_with_every_argument_operator_and_measure():
    collected = []

    @settings(quickly, max_examples=150)
    @given(st.lists(rules(depth=1), min_size=10))
    def collect(some):
        collected.extend(parts(group("all_of", *some)))

    collect()
    window = {"within_days", "until_days_ago", "since", "until"}
    bounds = {"at_least", "at_most", "exactly"}
    arguments = {
        "performed": {"where", "measure", "of"} | window | bounds,
        "not_performed": {"where", "measure", "of"} | window | bounds,
        "first_performed": {"within_days", "where"},
        "last_performed": {"having", "where"},
        "performed_in_order": {"within_days", "gap_days"},
        "performed_without": {"within_days", "gap_days"},
        "performed_regularly": {"at_least", "periods", "where"},
    }
    for kind in [*CALLS, *GROUPS]:
        given_arguments = {
            name for rule in collected if rule["rule"] == kind for name in rule
        }
        assert given_arguments >= {"rule"} | arguments.get(kind, set()), kind
    measures = {rule.get("measure") for rule in collected}
    assert measures > {"count", "days", "sum", "avg", "min", "max", "distinct"}
    written = json.dumps(collected)
    for operator in OPERATORS:
        assert f'["{operator}"' in written, operator
