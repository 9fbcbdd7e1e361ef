"""Rules in words: what the table of segment definitions tells people who write no SQL.

A sentence stands behind "a user who": it says what a rule means, and leaves no doubt
about what belongs together. The sentences were written by hand, none by the macros.
"""

import json
from pathlib import Path

import pytest

pytest_plugins = "dbt_project"

RULE_MACROS = Path(__file__).resolve().parents[2] / "macros" / "rules"
NO_RULES = {"segmentation", "segment", "hand_written_segmentation", "step"}
SEPARATOR = "---- the next rule"

EVENTS = {
    "performed('purchase')": "purchased at least once",
    "performed('login')": "logged in at least once",
    "performed(['purchase', 'refund'])": (
        "purchased or returned something at least once"
    ),
    "performed('*')": "did anything at least once",
    "performed(['purchase', '*'])": "did anything at least once",
    # Names that the variable event_words does not know.
    "performed('wishlist_shared')": "performed wishlist_shared at least once",
    "performed(['wishlist_shared', 'gift_sent'])": (
        "performed wishlist_shared or gift_sent at least once"
    ),
    "performed(['wishlist_shared', 'purchase'])": (
        "purchased or performed wishlist_shared at least once"
    ),
    "performed('email_*')": "performed any email_... event at least once",
    "performed(['gift_sent', 'email_*', 'purchase'])": (
        "purchased or performed gift_sent or any email_... event at least once"
    ),
}

BOUNDS = {
    "performed('purchase', at_least=0)": "purchased at least 0 times",
    "performed('purchase', at_least=1)": "purchased at least once",
    "performed('purchase', at_least=2)": "purchased at least 2 times",
    "performed('purchase', at_least=11)": "purchased at least 11 times",
    "performed('purchase', at_most=1)": "purchased at most once",
    "performed('purchase', at_most=3)": "purchased at most 3 times",
    "performed('purchase', at_least=2, at_most=5)": "purchased 2 to 5 times",
    "performed('purchase', at_least=0, at_most=1)": "purchased 0 to 1 times",
    "performed('purchase', at_least=2, at_most=2)": "purchased exactly 2 times",
    "performed('purchase', exactly=1)": "purchased exactly once",
    "performed('purchase', exactly=2)": "purchased exactly 2 times",
    "performed('purchase', at_most=0)": "has not purchased",
    "performed('purchase', exactly=0, within_days=90)": (
        "has not purchased in the last 90 days"
    ),
    "performed('*', exactly=0, within_days=90)": (
        "has not done anything in the last 90 days"
    ),
}

MEASURES = {
    "performed('purchase', measure='count', at_least=2)": "purchased at least 2 times",
    "performed('purchase', measure='days')": "purchased on at least 1 day",
    "performed('purchase', measure='days', at_least=3, within_days=30)": (
        "purchased on at least 3 different days in the last 30 days"
    ),
    "performed('purchase', measure='days', exactly=1)": "purchased on exactly 1 day",
    "performed('purchase', measure='days', at_least=2, at_most=4)": (
        "purchased on 2 to 4 different days"
    ),
    "performed('purchase', measure='days', exactly=0)": "has not purchased",
    "performed('purchase', measure='sum', of='revenue', at_least=100)": (
        "purchased with a total revenue of at least 100"
    ),
    "performed('purchase', measure='sum', of='revenue', at_least=9.5, at_most=20)": (
        "purchased with a total revenue of 9.5 to 20"
    ),
    "performed('purchase', measure='sum', of='revenue', exactly=0)": (
        "purchased with a total revenue of exactly 0"
    ),
    "performed('purchase', measure='avg', of='revenue', at_most=1)": (
        "purchased with an average revenue of at most 1"
    ),
    "performed('purchase', measure='min', of='quantity', at_least=2)": (
        "purchased with a lowest quantity of at least 2"
    ),
    "performed('purchase', measure='max', of='quantity', exactly=2)": (
        "purchased with a highest quantity of exactly 2"
    ),
    "performed('purchase', measure='distinct', of='city')": (
        "purchased with at least 1 value of city"
    ),
    "performed('purchase', measure='distinct', of='city', at_least=3)": (
        "purchased with at least 3 different values of city"
    ),
    "performed('purchase', measure='distinct', of='city', at_most=1)": (
        "purchased with at most 1 value of city"
    ),
    "performed('purchase', measure='distinct', of='city', exactly=0)": (
        "has not purchased with any value of city"
    ),
}

WINDOWS = {
    "performed('purchase', within_days=1)": "purchased at least once on the day itself",
    "performed('purchase', within_days=7)": (
        "purchased at least once in the last 7 days"
    ),
    "performed('purchase', within_days=7, until_days_ago=0)": (
        "purchased at least once in the last 7 days"
    ),
    "performed('purchase', within_days=14, until_days_ago=7)": (
        "purchased at least once 13 to 7 days ago"
    ),
    "performed('purchase', within_days=8, until_days_ago=7)": (
        "purchased at least once exactly 7 days ago"
    ),
    "performed('purchase', within_days=2, until_days_ago=1)": (
        "purchased at least once exactly 1 day ago"
    ),
    "performed('purchase', until_days_ago=30)": (
        "purchased at least once 30 or more days ago"
    ),
    "performed('purchase', until_days_ago=1)": (
        "purchased at least once 1 or more days ago"
    ),
    "performed('purchase', until_days_ago=0)": "purchased at least once",
    "performed('purchase', since='2024-01-01')": (
        "purchased at least once since 2024-01-01"
    ),
    "performed('purchase', until='2024-03-31')": (
        "purchased at least once until 2024-03-31"
    ),
    "performed('purchase', since='2024-01-01', until='2024-03-31')": (
        "purchased at least once from 2024-01-01 to 2024-03-31"
    ),
    "performed('purchase', within_days=30, since='2024-01-01')": (
        "purchased at least once in the last 30 days and since 2024-01-01"
    ),
}

CONDITIONS = {
    "performed('purchase', where={'platform': 'ios'})": (
        "purchased at least once (where platform is ios)"
    ),
    "performed('purchase', within_days=7, where={'platform': 'ios', 'city': 'Rome'})": (
        "purchased at least once in the last 7 days "
        "(where platform is ios and city is Rome)"
    ),
    "performed('purchase', where={'platform': ['ios', 'android']})": (
        "purchased at least once (where platform is one of ios, android)"
    ),
    "performed('purchase', where={'revenue': ['between', [10, 20]]})": (
        "purchased at least once (where revenue is between 10 and 20)"
    ),
    "performed('purchase', where={'coupon': ['is set']})": (
        "purchased at least once (where coupon is known)"
    ),
    "performed('purchase', where={'is_gift': true})": (
        "purchased at least once (where is_gift is true)"
    ),
}

NOT_PERFORMED = {
    "not_performed('purchase')": "has not purchased",
    "not_performed('purchase', within_days=90)": (
        "has not purchased in the last 90 days"
    ),
    "not_performed('purchase', at_least=1)": "has not purchased",
    "not_performed('purchase', at_least=3)": "has not purchased at least 3 times",
    "not_performed('purchase', at_most=2)": "not (purchased at most 2 times)",
    "not_performed('purchase', exactly=1)": "not (purchased exactly once)",
    "not_performed('*', within_days=30)": "has not done anything in the last 30 days",
    "not_performed('*', at_least=3)": "has not done anything at least 3 times",
    "not_performed('*', measure='sum', of='revenue', at_least=5)": (
        "has not done anything with a total revenue of at least 5"
    ),
    "not_performed('wishlist_shared')": "has not performed wishlist_shared",
    "not_performed(['purchase', 'refund'])": (
        "has not purchased or returned something"
    ),
    "not_performed('purchase', where={'platform': 'ios'})": (
        "has not purchased (where platform is ios)"
    ),
    "not_performed('purchase', measure='days')": "has not purchased",
    "not_performed('purchase', measure='days', at_least=3)": (
        "has not purchased on at least 3 different days"
    ),
    "not_performed('purchase', measure='sum', of='revenue', at_least=100)": (
        "has not purchased with a total revenue of at least 100"
    ),
    "not_performed('purchase', measure='distinct', of='city')": (
        "has not purchased with any value of city"
    ),
}

FIRST_AND_LAST = {
    "first_performed('purchase', within_days=30)": (
        "purchased for the first time in the last 30 days"
    ),
    "first_performed('purchase', within_days=1)": (
        "purchased for the first time on the day itself"
    ),
    "first_performed(['purchase', 'wishlist_shared'], within_days=30)": (
        "purchased or performed wishlist_shared for the first time in the last 30 days"
    ),
    "first_performed('purchase', within_days=30, where={'platform': 'ios'})": (
        "purchased (where platform is ios) for the first time in the last 30 days"
    ),
    "first_performed('purchase')": "purchased at least once",
    "first_performed('purchase', where={'platform': 'ios'})": (
        "purchased at least once (where platform is ios)"
    ),
    "last_performed('purchase', having={'platform': 'ios'})": (
        "purchased, and in the last such event platform is ios"
    ),
    "last_performed('purchase', having={'platform': 'ios', 'city': ['!=', 'Rome']})": (
        "purchased, and in the last such event platform is ios and city is not Rome"
    ),
    "last_performed('purchase', having={'platform': 'ios'}, where={'city': 'Rome'})": (
        "purchased (where city is Rome), and in the last such event platform is ios"
    ),
    "last_performed('purchase')": "purchased at least once",
    "last_performed('purchase', where={'city': 'Rome'})": (
        "purchased at least once (where city is Rome)"
    ),
}

SEQUENCES = {
    "performed_in_order(['product_viewed', 'purchase'])": (
        "viewed a product and then purchased"
    ),
    "performed_in_order(['product_viewed', 'product_added_to_cart', 'purchase'])": (
        "viewed a product and then put something into the cart and then purchased"
    ),
    "performed_in_order(['product_viewed', 'purchase'], within_days=30)": (
        "viewed a product and then purchased, all in the last 30 days"
    ),
    "performed_in_order(['product_viewed', 'purchase'], within_days=1)": (
        "viewed a product and then purchased, all on the day itself"
    ),
    "performed_in_order(['product_viewed', 'purchase'], gap_days=3)": (
        "viewed a product and then, at most 3 days later, purchased"
    ),
    "performed_in_order(['product_viewed', 'purchase'], 30, gap_days=1)": (
        "viewed a product and then, at most 1 day later, purchased, all in the last 30 "
        "days"
    ),
    "performed_in_order(['product_viewed', 'purchase'], gap_days=0)": (
        "viewed a product and then, on the same day, purchased"
    ),
    "performed_in_order([step('product_viewed', {'category': 'shoes'}), 'purchase'])": (
        "viewed a product (where category is shoes) and then purchased"
    ),
    "performed_in_order([['product_viewed', 'search'], 'purchase'])": (
        "(viewed a product or searched) and then purchased"
    ),
    "performed_in_order(['purchase'])": "purchased at least once",
    "performed_in_order(['purchase'], within_days=7)": (
        "purchased at least once in the last 7 days"
    ),
    "performed_without('product_added_to_cart', 'purchase')": (
        "put something into the cart and has not purchased since then"
    ),
    "performed_without('product_added_to_cart', 'purchase', within_days=14)": (
        "put something into the cart in the last 14 days and has not purchased since "
        "then"
    ),
    # With a gap an earlier time will do, whatever came after the last one.
    "performed_without('product_added_to_cart', 'purchase', gap_days=3)": (
        "at least once put something into the cart and has not purchased within 3 days "
        "after it"
    ),
    "performed_without('product_added_to_cart', 'purchase', 1, within_days=14)": (
        "at least once put something into the cart in the last 14 days and has not "
        "purchased within 1 day after it"
    ),
    "performed_without('product_added_to_cart', 'purchase', gap_days=0)": (
        "at least once put something into the cart and has not purchased later on that "
        "day"
    ),
    "performed_without(step('search', {'city': 'Rome'}), step('purchase', {'n': 2}))": (
        "searched (where city is Rome) and has not purchased (where n is 2) since then"
    ),
    "performed_without(['product_viewed', 'search'], ['purchase', 'signup'])": (
        "(viewed a product or searched) and has not purchased or signed up since then"
    ),
    "performed_without('login', '*')": (
        "logged in and has not done anything since then"
    ),
}

REGULARLY = {
    "performed_regularly('login', period_days=7, of_last=4)": (
        "logged in at least once in each of the last 4 periods of 7 days"
    ),
    "performed_regularly('login', period_days=7, periods=3, of_last=4)": (
        "logged in at least once in at least 3 of the last 4 periods of 7 days"
    ),
    "performed_regularly('login', at_least=2, period_days=30, periods=1, of_last=3)": (
        "logged in at least 2 times in at least 1 of the last 3 periods of 30 days"
    ),
    "performed_regularly('login', period_days=1, periods=5, of_last=7)": (
        "logged in at least once on at least 5 of the last 7 days"
    ),
    "performed_regularly('login', period_days=1, of_last=7)": (
        "logged in at least once on each of the last 7 days"
    ),
    "performed_regularly('login', at_least=2, period_days=30, of_last=1)": (
        "logged in at least 2 times in the last 30 days"
    ),
    "performed_regularly('login', 1, 7, of_last=4, where={'platform': 'ios'})": (
        "logged in at least once in each of the last 4 periods of 7 days "
        "(where platform is ios)"
    ),
}

COLUMNS = {
    "fact('plan', '=', 'basic')": "plan is basic",
    "fact('age_years', '>=', 18)": "age in years is at least 18",
    "fact('tenure_days', '<', 30)": "tenure in days is less than 30",
    "fact('days_since_last_purchase', '>', 90)": (
        "days since last purchase is more than 90"
    ),
    "fact('revenue_365d', '>=', 1000)": (
        "revenue in the last 365 days is at least 1000"
    ),
    "fact('purchase_count_7d', '=', 2)": "purchase count in the last 7 days is 2",
    "fact('signed_up_at', 'within days', 30)": "day signed up is in the last 30 days",
    "fact('marketing_consent', '=', true)": "marketing consent is true",
    "fact('is_anonymous', '=', true)": "is anonymous",
    "fact('is_anonymous', '=', false)": "is not anonymous",
    "fact('is_anonymous', '!=', true)": "is not anonymous",
}

OPERATORS = {
    "fact('plan', '!=', 'basic')": "plan is not basic",
    "fact('revenue', '>', 10.5)": "revenue is more than 10.5",
    "fact('revenue', '>=', 10)": "revenue is at least 10",
    "fact('revenue', '<', 10)": "revenue is less than 10",
    "fact('revenue', '<=', 10)": "revenue is at most 10",
    "fact('last_purchase_date', '>', '2024-01-31')": (
        "last purchase date is after 2024-01-31"
    ),
    "fact('last_purchase_date', '>=', '2024-01-31')": (
        "last purchase date is 2024-01-31 or later"
    ),
    "fact('last_purchase_date', '<', '2024-01-31')": (
        "last purchase date is before 2024-01-31"
    ),
    "fact('last_purchase_date', '<=', '2024-01-31')": (
        "last purchase date is 2024-01-31 or earlier"
    ),
    "fact('revenue', 'between', [10, 20])": "revenue is between 10 and 20",
    "fact('last_purchase_date', 'between', ['2024-01-01', '2024-01-31'])": (
        "last purchase date is between 2024-01-01 and 2024-01-31"
    ),
    "fact('revenue', 'not between', [10, 20])": "revenue is not between 10 and 20",
    "fact('plan', 'in', ['basic', 'gold'])": "plan is one of basic, gold",
    "fact('plan', 'in', ['basic'])": "plan is basic",
    "fact('plan', 'not in', ['basic', 'gold'])": "plan is none of basic, gold",
    "fact('plan', 'not in', ['basic'])": "plan is not basic",
    "fact('plan', 'contains', 'as')": "plan contains as",
    "fact('plan', 'not contains', 'as')": "plan does not contain as",
    "fact('plan', 'starts with', 'ba')": "plan starts with ba",
    "fact('plan', 'ends with', 'ic')": "plan ends with ic",
    "fact('plan', 'matches', '^b.*c$')": "plan matches ^b.*c$",
    "fact('plan', 'not matches', '^b')": "plan does not match ^b",
    "fact('plan', 'is set')": "plan is known",
    "fact('plan', 'is not set')": "plan is not known",
    "fact('birth_date', 'within days', 7)": "birth date is in the last 7 days",
    "fact('birth_date', 'within days', 1)": "birth date is on the day itself",
    "fact('birth_date', 'not within days', 7)": "birth date is not in the last 7 days",
    "fact('birth_date', 'not within days', 1)": "birth date is not on the day itself",
    "fact('birth_date', 'in next days', 7)": "birth date is in the next 7 days",
    "fact('birth_date', 'in next days', 1)": "birth date is on the next day",
    "fact('birth_date', 'anniversary in next days', 7)": (
        "birth date has its anniversary in the next 7 days"
    ),
    "fact('birth_date', 'anniversary in next days', 1)": (
        "birth date has its anniversary on the next day"
    ),
    "fact('birth_date', 'before', '2000-01-31')": "birth date is before 2000-01-31",
    "fact('birth_date', 'after', '2000-01-31')": "birth date is after 2000-01-31",
    "fact('birth_date', 'on', '2000-01-31')": "birth date is on 2000-01-31",
}

VALUES = {
    "trait('account_type', '=', 'prepaid')": "trait account_type is prepaid",
    "trait('newsletter', '=', true)": "trait newsletter is true",
    "trait('newsletter', 'is not set')": "trait newsletter is not known",
    "trait('shoe_size', '=', 42)": "trait shoe_size is 42",
    # What looks like a number but is text stands in quotes.
    "trait('shoe_size', '=', '42')": 'trait shoe_size is "42"',
    "trait('shoe_size', 'in', [42, '42.5', 'none'])": (
        'trait shoe_size is one of 42, "42.5", none'
    ),
    "trait('address.city', '=', '')": 'trait address.city is ""',
    "trait('motto', '=', 'one\\nline')": "trait motto is one line",
}

OTHERS = {
    "in_segment('seg_lifecycle', 'new')": "is new in lifecycle",
    "in_segment('seg_lifecycle', ['new', 'active'])": "is new or active in lifecycle",
    "top_percent('revenue_365d', 10)": (
        "is among the top 10 % by revenue in the last 365 days"
    ),
    "bottom_percent('event_count', 0.5)": "is among the bottom 0.5 % by event count",
    "top_percent('tenure_days', 0.00001)": (
        "is among the top 0.00001 % by tenure in days"
    ),
    "random_split(10, 'holdout 2026')": "is in a random 10 % of users (holdout 2026)",
    "random_split(12.5, 'a\\nb')": "is in a random 12.5 % of users (a b)",
    "everyone()": "everyone",
    "'revenue > 10 '": "revenue > 10",
}

GROUPS = {
    "all_of(performed('purchase'), not_performed('purchase', within_days=180))": (
        "purchased at least once and has not purchased in the last 180 days"
    ),
    "any_of(performed('purchase'), performed('login'), fact('plan', 'is set'))": (
        "purchased at least once or logged in at least once or plan is known"
    ),
    "all_of(performed('purchase'))": "purchased at least once",
    "all_of(any_of(performed('purchase'), performed('login')), everyone())": (
        "(purchased at least once or logged in at least once) and everyone"
    ),
    "any_of(all_of(performed('purchase'), performed('login')), everyone())": (
        "(purchased at least once and logged in at least once) or everyone"
    ),
    "any_of(all_of(performed('purchase')), performed('login'))": (
        "purchased at least once or logged in at least once"
    ),
    "none_of(performed('purchase', within_days=7))": (
        "has not purchased in the last 7 days"
    ),
    "none_of(fact('plan', '=', 'basic'))": "not (plan is basic)",
    "none_of(fact('plan', '=', 'basic'), performed('login'))": (
        "not (plan is basic or logged in at least once)"
    ),
    "none_of(any_of(performed('purchase'), performed('login')))": (
        "not (purchased at least once or logged in at least once)"
    ),
    "none_of(all_of(performed('purchase'), performed('login')), everyone())": (
        "not ((purchased at least once and logged in at least once) or everyone)"
    ),
    "none_of(not_performed('purchase'))": "not (has not purchased)",
    "none_of(top_percent('revenue', 10))": "not (is among the top 10 % by revenue)",
    "all_of(none_of(everyone()), performed('login'))": (
        "not (everyone) and logged in at least once"
    ),
}

IN_A_GROUP = {
    "performed('purchase', where={'platform': 'ios'})": (
        "purchased at least once (where platform is ios)"
    ),
    "performed('purchase', where={'platform': 'ios', 'city': 'Rome'})": (
        "purchased at least once (where platform is ios and city is Rome)"
    ),
    "performed('purchase', at_least=2, at_most=5)": "purchased 2 to 5 times",
    "performed(['purchase', 'refund'])": (
        "(purchased or returned something at least once)"
    ),
    "not_performed(['purchase', 'refund'])": (
        "(has not purchased or returned something)"
    ),
    "first_performed(['purchase', 'signup'], within_days=7)": (
        "(purchased or signed up for the first time in the last 7 days)"
    ),
    "last_performed('purchase', having={'platform': 'ios'})": (
        "(purchased, and in the last such event platform is ios)"
    ),
    "performed_in_order(['product_viewed', 'purchase'])": (
        "(viewed a product and then purchased)"
    ),
    "performed_without('product_added_to_cart', 'purchase')": (
        "(put something into the cart and has not purchased since then)"
    ),
    "performed_regularly(['login', 'search'], period_days=7, of_last=4)": (
        "(logged in or searched at least once in each of the last 4 periods of 7 days)"
    ),
    "fact('revenue', 'between', [10, 20])": "revenue is between 10 and 20",
    "fact('plan', 'in', ['a', 'b'])": "plan is one of a, b",
    "in_segment('seg_lifecycle', ['new', 'active'])": (
        "(is new or active in lifecycle)"
    ),
    "top_percent('revenue', 10)": "is among the top 10 % by revenue",
    "\"plan = 'a' OR plan = 'b'\"": "(plan = 'a' OR plan = 'b')",
    "none_of(everyone(), performed('login'))": (
        "not (everyone or logged in at least once)"
    ),
}
"""Rules as one of the parts of a group. In brackets is what has an `and` or an `or` of
its own, which would else be taken for one of the group."""

SENTENCES = {
    rule: sentence
    for table in (
        EVENTS,
        BOUNDS,
        MEASURES,
        WINDOWS,
        CONDITIONS,
        NOT_PERFORMED,
        FIRST_AND_LAST,
        SEQUENCES,
        REGULARLY,
        COLUMNS,
        OPERATORS,
        VALUES,
        OTHERS,
        GROUPS,
    )
    for rule, sentence in table.items()
} | {
    f"all_of({rule}, fact('plan', 'is set'))": f"{sentence} and plan is known"
    for rule, sentence in IN_A_GROUP.items()
}


def words_of(rule):
    """An expression of Jinja: a rule in words."""
    place = "{'model': 'seg_example', 'segment': 'example', 'rule': none}"
    checked = f"user_segmentation._check_rule({rule}, {place})"
    return f"user_segmentation._rule_words({checked})"


@pytest.fixture(scope="module")
def words(parsed_project):
    """The words of every rule of the tables, compiled all at once."""
    code = SEPARATOR.join(f"{{{{ {words_of(rule)} }}}}" for rule in SENTENCES)
    rendered = parsed_project.rendered(code).split(SEPARATOR)
    return dict(zip(SENTENCES, rendered, strict=True))


@pytest.mark.parametrize("rule", SENTENCES)
def test_a_rule_reads_as(rule, words):
    assert words[rule] == SENTENCES[rule]


def test_every_kind_of_rule_has_a_sentence():
    macros = {file.stem for file in RULE_MACROS.glob("*.sql")} - NO_RULES
    assert macros == {rule.partition("(")[0] for rule in SENTENCES if "(" in rule}


def test_every_operator_has_a_sentence(parsed_project):
    operators = json.loads(
        parsed_project.rendered("{{ tojson(user_segmentation._operators()) }}")
    )
    assert operators
    assert not [
        operator
        for operator in operators
        if not any(f", '{operator}'" in rule for rule in OPERATORS | COLUMNS)
    ]


def test_every_measure_has_a_sentence():
    measures = ("count", "days", "sum", "avg", "min", "max", "distinct")
    assert not [
        measure
        for measure in measures
        if not any(f"measure='{measure}'" in rule for rule in MEASURES)
    ]


def test_the_words_of_each_event_stand_behind_the_user_and_behind_has_not(
    parsed_project,
):
    found = json.loads(
        parsed_project.rendered(
            "{%- set found = {} -%}"
            "{%- for name, words in var('event_words').items() -%}"
            "{%- do found.update({words: ["
            f"{words_of('performed(name)')}, {words_of('not_performed(name)')}"
            "]}) -%}"
            "{%- endfor -%}"
            "{{ tojson(found) }}"
        )
    )
    assert found == {
        words: [f"{words} at least once", f"has not {words}"] for words in found
    }
    assert "purchased" in found
