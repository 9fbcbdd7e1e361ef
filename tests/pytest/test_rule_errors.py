"""Misuse of a rule is an error that says where and what; values in rules are data.

Point 3.13 of the meaning of rules: an error names the model, the segment, the argument,
what was given and what is allowed. Point 3.14: no value can change the SQL.
"""

import json
import re
from pathlib import Path

import jinja2
import pytest
from segmentations import FEW_SEGMENTATIONS

pytest_plugins = "dbt_project"

RULE_MACROS = Path(__file__).resolve().parents[2] / "macros" / "rules"

PERFORMED_ARGUMENTS = (
    "event, at_least, at_most, exactly, within_days, until_days_ago, since, until, "
    "where, measure, of"
)
RULES = (
    "A rule is a call of one of performed, first_performed, last_performed, "
    "performed_in_order, performed_without, performed_regularly, fact, trait, "
    "in_segment, top_percent, bottom_percent, random_split, all_of, any_of, none_of, "
    "everyone, not_performed, or an SQL predicate as text."
)
SEGMENT_ARGUMENTS = "name, rule, description, owner, min_size, conflicts_with"
OPERATORS = (
    "one of =, !=, >, >=, <, <=, between, not between, in, not in, contains, "
    "not contains, starts with, ends with, matches, not matches, is set, is not set, "
    "within days, not within days, in next days, anniversary in next days, before, "
    "after, on"
)
EVENT = "an event's name, a beginning with * at its end, or a list of these"
STEP_EVENT = f"{EVENT}, or a step(...)"
STEPS = "a list of step('event', where={...}), not empty"
COUNT = "a whole number from 0"
DAYS = "a whole number from 1"
DATE = "a date, YYYY-MM-DD"
TEXT = "a text that is not empty"
ORDERED = "a number or a text"
SCALAR = "a text, a number, true or false; for a list use 'in'"
LIST = "a list, not empty, of texts, numbers, true or false"
PAIR = "a list of two numbers or two texts, the smaller one first"
CONDITIONS = (
    "a dictionary from an event column or property to a value, a list of values or "
    "[operator, value]"
)
COLUMN = "the name of a column of user_facts"
SHARE = "a number from 0 to 100"
RANK_SHARE = "a number above 0, up to 100"
UNDEFINED = "something undefined"

# A step and a rule where they do not belong, as an error shows them.
STEP = '{"step": "a", "event": "a", "where": null, "unknown_arguments": []}'
EVERYONE = '{"rule": "everyone", "unknown_arguments": []}'
# The second step of a list is the wrong one, so that the first is passed by.
IN_ORDER = "performed_in_order([step('a'), {step}])"
IN_ORDER_STEP = "performed_in_order, steps, step 2"


def signatures():
    """The public rule macros: name to arguments, as their code has them."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    found = {}
    for file in sorted(RULE_MACROS.glob("*.sql")):
        for macro in environment.parse(file.read_text()).find_all(jinja2.nodes.Macro):
            if macro.name == file.stem:
                found[macro.name] = [argument.name for argument in macro.args]
    return found


SIGNATURES = signatures()
NO_RULES = ("segmentation", "segment", "hand_written_segmentation", "step")
GROUPS = ("all_of", "any_of", "none_of")


@pytest.fixture(scope="module")
def error_of(parsed_project):
    """Return what gives the error of a segmentation that must fail its checks."""

    def compile_checks(**arguments):
        given = {
            "segments": "[segment('example', rule=everyone())]",
            "assignment": "'exclusive'",
            "otherwise": "none",
            "population": "none",
            "unknown_arguments": "[]",
        } | arguments
        items = ", ".join(f"'{name}': {value}" for name, value in given.items())
        check = f"user_segmentation._check_segmentation('seg_example', {{{items}}})"
        answer = parsed_project.compile(f"{{% do {check} %}}select 1")
        assert not answer.succeeded, "the error was not found"
        return " ".join(answer.error.split())

    return compile_checks


@pytest.fixture(scope="module")
def error_of_rule(error_of):
    """Return what gives the error of a segment with a wrong rule."""
    return lambda rule: error_of(segments=f"[segment('example', rule={rule})]")


WRONG_COUNTS = [("-1", "-1"), ("1.5", "1.5"), ("true", "true"), ("'3'", '"3"')]
"""What is no whole number from 0, as written and as shown."""
WRONG_DAYS = [("0", "0"), *WRONG_COUNTS]
"""What is no whole number from 1."""
WRONG_SHARES = [
    ("-1", "-1"),
    ("100.1", "100.1"),
    ("true", "true"),
    ("'10'", '"10"'),
    ("none", "null"),
]
"""What is no percentage."""

# One wrong argument of one rule: rule, rule and argument, given, allowed.
WRONG_ARGUMENTS = [
    # performed: the event
    ("performed()", "performed(event=)", UNDEFINED, EVENT),
    ("performed(none)", "performed(event=)", "null", EVENT),
    ("performed('')", "performed(event=)", '""', EVENT),
    ("performed([])", "performed(event=)", "[]", EVENT),
    ("performed(['a', ''])", "performed(event=)", '["a", ""]', EVENT),
    ("performed(['a', 5])", "performed(event=)", '["a", 5]', EVENT),
    ("performed({'a': 1})", "performed(event=)", '{"a": 1}', EVENT),
    ("performed(5)", "performed(event=)", "5", EVENT),
    # performed: bounds
    ("performed('a', at_least=-1)", "performed(at_least=)", "-1", COUNT),
    ("performed('a', at_least=1.5)", "performed(at_least=)", "1.5", COUNT),
    ("performed('a', at_least='2')", "performed(at_least=)", '"2"', COUNT),
    ("performed('a', at_least=true)", "performed(at_least=)", "true", COUNT),
    ("performed('a', at_most=-1)", "performed(at_most=)", "-1", COUNT),
    ("performed('a', exactly=0.5)", "performed(exactly=)", "0.5", COUNT),
    (
        "performed('a', measure='days', at_least=0.5)",
        "performed(at_least=)",
        "0.5",
        COUNT,
    ),
    (
        "performed('a', measure='distinct', of='city', at_most=-2)",
        "performed(at_most=)",
        "-2",
        COUNT,
    ),
    (
        "performed('a', measure='sum', of='revenue', at_least='9')",
        "performed(at_least=)",
        '"9"',
        "a number",
    ),
    (
        "performed('a', measure='avg', of='revenue', at_most=false)",
        "performed(at_most=)",
        "false",
        "a number",
    ),
    (
        "performed('a', at_least=3, at_most=2)",
        "performed(at_least=)",
        "3",
        "at most at_most, 2",
    ),
    (
        "performed('a', exactly=1, at_least=1)",
        "performed(exactly=)",
        "1",
        "alone, without at_least and at_most",
    ),
    (
        "performed('a', exactly=0, at_most=0)",
        "performed(exactly=)",
        "0",
        "alone, without at_least and at_most",
    ),
    # performed: measure and of
    (
        "performed('a', measure='median', of='revenue', at_least=1)",
        "performed(measure=)",
        '"median"',
        "one of count, days, sum, avg, min, max, distinct",
    ),
    (
        "performed('a', measure=none)",
        "performed(measure=)",
        "null",
        "one of count, days, sum, avg, min, max, distinct",
    ),
    (
        "performed('a', of='revenue')",
        "performed(of=)",
        '"revenue"',
        "no value with measure 'count'; of goes with sum, avg, min, max and distinct",
    ),
    (
        "performed('a', measure='days', of='revenue')",
        "performed(of=)",
        '"revenue"',
        "no value with measure 'days'; of goes with sum, avg, min, max and distinct",
    ),
    (
        "performed('a', measure='sum', at_least=1)",
        "performed(of=)",
        "null",
        "the name of an event column or property, which measure 'sum' needs",
    ),
    (
        "performed('a', measure='distinct', of=['city'])",
        "performed(of=)",
        '["city"]',
        "the name of an event column or property, which measure 'distinct' needs",
    ),
    *(
        (
            f"performed('a', measure='{measure}', of='revenue')",
            "performed(measure=)",
            f'"{measure}"',
            "with a bound: at_least, at_most or exactly",
        )
        for measure in ("sum", "avg", "min", "max")
    ),
    # performed: the window
    ("performed('a', within_days=0)", "performed(within_days=)", "0", DAYS),
    ("performed('a', within_days=7.0)", "performed(within_days=)", "7.0", DAYS),
    ("performed('a', within_days='7')", "performed(within_days=)", '"7"', DAYS),
    ("performed('a', within_days=true)", "performed(within_days=)", "true", DAYS),
    ("performed('a', until_days_ago=-1)", "performed(until_days_ago=)", "-1", COUNT),
    ("performed('a', until_days_ago=[1])", "performed(until_days_ago=)", "[1]", COUNT),
    (
        "performed('a', within_days=7, until_days_ago=7)",
        "performed(until_days_ago=)",
        "7",
        "below within_days, 7, or the window is always empty",
    ),
    ("performed('a', since='2024-02-30')", "performed(since=)", '"2024-02-30"', DATE),
    ("performed('a', since='01/02/2024')", "performed(since=)", '"01/02/2024"', DATE),
    ("performed('a', since='2024-1-2')", "performed(since=)", '"2024-1-2"', DATE),
    ("performed('a', until='2023-02-29')", "performed(until=)", '"2023-02-29"', DATE),
    ("performed('a', until=20240101)", "performed(until=)", '"20240101"', DATE),
    (
        "performed('a', since='2024-03-02', until='2024-03-01')",
        "performed(since=)",
        '"2024-03-02"',
        "a date up to until, 2024-03-01, or the window is always empty",
    ),
    # performed: where
    ("performed('a', where='city')", "performed(where=)", '"city"', CONDITIONS),
    ("performed('a', where=['city'])", "performed(where=)", '["city"]', CONDITIONS),
    ("performed('a', where={})", "performed(where=)", "{}", CONDITIONS),
    (
        "performed('a', where={'city': none})",
        "performed, where city '='(value=)",
        "null",
        SCALAR,
    ),
    (
        "performed('a', where={'city': {'=': 'Rome'}})",
        "performed, where city '='(value=)",
        '{"=": "Rome"}',
        SCALAR,
    ),
    (
        "performed('a', where={'city': []})",
        "performed, where city 'in'(value=)",
        "[]",
        LIST,
    ),
    (
        "performed('a', where={'city': [['Rome']]})",
        "performed, where city 'in'(value=)",
        '[["Rome"]]',
        LIST,
    ),
    (
        "performed('a', where={'city': ['on', 'off', 'auto']})",
        "performed, where city(value=)",
        '["on", "off", "auto"]',
        "[operator, value]; write ['in', [...]] for a list that begins with the word "
        "'on'",
    ),
    (
        "performed('a', where={'city': ['on', 'off']})",
        "performed, where city 'on'(value=)",
        '"off"',
        DATE,
    ),
    (
        "performed('a', where={'city': ['>']})",
        "performed, where city '>'(value=)",
        "null",
        ORDERED,
    ),
    (
        "performed('a', where={'city': ['is set', 1]})",
        "performed, where city 'is set'(value=)",
        "1",
        "no value",
    ),
    # not_performed is checked as the performed that it denies
    ("not_performed()", "performed(event=)", UNDEFINED, EVENT),
    ("not_performed('a', at_least=-1)", "performed(at_least=)", "-1", COUNT),
    ("not_performed('a', at_most=0.5)", "performed(at_most=)", "0.5", COUNT),
    ("not_performed('a', exactly='2')", "performed(exactly=)", '"2"', COUNT),
    ("not_performed('a', within_days=0)", "performed(within_days=)", "0", DAYS),
    (
        "not_performed('a', within_days=7, until_days_ago=8)",
        "performed(until_days_ago=)",
        "8",
        "below within_days, 7, or the window is always empty",
    ),
    ("not_performed('a', since='soon')", "performed(since=)", '"soon"', DATE),
    ("not_performed('a', until='2024')", "performed(until=)", '"2024"', DATE),
    ("not_performed('a', where='city')", "performed(where=)", '"city"', CONDITIONS),
    (
        "not_performed('a', measure='mode')",
        "performed(measure=)",
        '"mode"',
        "one of count",
    ),
    (
        "not_performed('a', of='city')",
        "performed(of=)",
        '"city"',
        "no value with measure 'count'; of goes with sum, avg, min, max and distinct",
    ),
    # fact and trait: operators and their values
    ("fact(5, '=', 1)", "fact(column=)", "5", COLUMN),
    ("fact('plan')", "fact(operator=)", UNDEFINED, OPERATORS),
    ("fact('plan', '==', 'basic')", "fact(operator=)", '"=="', OPERATORS),
    ("fact('plan', 'IN', ['basic'])", "fact(operator=)", '"IN"', OPERATORS),
    ("fact('plan', none, 'basic')", "fact(operator=)", "null", OPERATORS),
    ("fact('plan', ['='], 'basic')", "fact(operator=)", '["="]', OPERATORS),
    ("fact('plan', '=')", "fact '='(value=)", "null", SCALAR),
    ("fact('plan', '!=', ['basic'])", "fact '!='(value=)", '["basic"]', SCALAR),
    ("fact('revenue', '>')", "fact '>'(value=)", "null", ORDERED),
    ("fact('revenue', '>=', true)", "fact '>='(value=)", "true", ORDERED),
    ("fact('revenue', '<', [5])", "fact '<'(value=)", "[5]", ORDERED),
    ("fact('revenue', '<=', {'a': 1})", "fact '<='(value=)", '{"a": 1}', ORDERED),
    ("fact('revenue', 'between', 5)", "fact 'between'(value=)", "5", PAIR),
    ("fact('revenue', 'between', [5])", "fact 'between'(value=)", "[5]", PAIR),
    (
        "fact('revenue', 'between', [1, 2, 3])",
        "fact 'between'(value=)",
        "[1, 2, 3]",
        PAIR,
    ),
    ("fact('revenue', 'between', [9, 5])", "fact 'between'(value=)", "[9, 5]", PAIR),
    (
        "fact('revenue', 'between', [1, 'b'])",
        "fact 'between'(value=)",
        '[1, "b"]',
        PAIR,
    ),
    (
        "fact('revenue', 'not between', [false, true])",
        "fact 'not between'(value=)",
        "[false, true]",
        PAIR,
    ),
    (
        "fact('plan', 'between', ['b', 'a'])",
        "fact 'between'(value=)",
        '["b", "a"]',
        PAIR,
    ),
    ("fact('plan', 'in', [])", "fact 'in'(value=)", "[]", LIST),
    ("fact('plan', 'in', 'basic')", "fact 'in'(value=)", '"basic"', LIST),
    ("fact('plan', 'in')", "fact 'in'(value=)", "null", LIST),
    ("fact('plan', 'not in', [none])", "fact 'not in'(value=)", "[null]", LIST),
    *(
        (f"fact('plan', '{operator}', '')", f"fact '{operator}'(value=)", '""', TEXT)
        for operator in ("contains", "not contains", "starts with", "ends with")
    ),
    ("fact('plan', 'contains', 5)", "fact 'contains'(value=)", "5", TEXT),
    ("fact('plan', 'matches')", "fact 'matches'(value=)", "null", TEXT),
    ("fact('plan', 'is set', true)", "fact 'is set'(value=)", "true", "no value"),
    ("fact('plan', 'is not set', 1)", "fact 'is not set'(value=)", "1", "no value"),
    *(
        (
            f"fact('signed_up_at', '{operator}', 0)",
            f"fact '{operator}'(value=)",
            "0",
            DAYS,
        )
        for operator in (
            "within days",
            "not within days",
            "in next days",
            "anniversary in next days",
        )
    ),
    (
        "fact('birth_date', 'within days', 7.5)",
        "fact 'within days'(value=)",
        "7.5",
        DAYS,
    ),
    *(
        (
            f"fact('birth_date', '{operator}', '2000-13-01')",
            f"fact '{operator}'(value=)",
            '"2000-13-01"',
            DATE,
        )
        for operator in ("before", "after", "on")
    ),
    ("trait('', '=', 1)", "trait(name=)", '""', "the name of a key of traits"),
    ("trait(['a'], '=', 1)", "trait(name=)", '["a"]', "the name of a key of traits"),
    ("trait('shoe', 'bigger', 1)", "trait(operator=)", '"bigger"', OPERATORS),
    ("trait('shoe', '>', true)", "trait '>'(value=)", "true", ORDERED),
    # in_segment
    (
        "in_segment('lifecycle', 'new')",
        "in_segment(model=)",
        '"lifecycle"',
        "the name of a segmentation model with its prefix, like 'seg_rfm'",
    ),
    (
        "in_segment(none, 'new')",
        "in_segment(model=)",
        "null",
        "the name of a segmentation model with its prefix, like 'seg_rfm'",
    ),
    (
        "in_segment('seg_example', 'new')",
        "in_segment(model=)",
        '"seg_example"',
        "another segmentation: a cycle has no answer",
    ),
    (
        "in_segment('seg_lifecicle', 'new')",
        "in_segment(model=)",
        '"seg_lifecicle"',
        "a segmentation of the variable segmentations in dbt_project.yml, which has: "
        f"{', '.join(FEW_SEGMENTATIONS)}. Add 'lifecicle' to it, or take the rule out",
    ),
    (
        "in_segment('seg_lifecycle')",
        "in_segment(segment=)",
        UNDEFINED,
        "the name of a segment or a list of names",
    ),
    (
        "in_segment('seg_lifecycle', [])",
        "in_segment(segment=)",
        "[]",
        "the name of a segment or a list of names",
    ),
    (
        "in_segment('seg_lifecycle', ['new', 5])",
        "in_segment(segment=)",
        '["new", 5]',
        "the name of a segment or a list of names",
    ),
    (
        "in_segment('seg_lifecycle', ['new', 'nwe'])",
        "in_segment(segment=)",
        '"nwe"',
        "a segment of seg_lifecycle: loyal_shopper, new, dormant, at_risk, active, "
        "prospect",
    ),
    # first_performed
    ("first_performed()", "first_performed(event=)", UNDEFINED, EVENT),
    ("first_performed('')", "first_performed(event=)", '""', EVENT),
    ("first_performed([])", "first_performed(event=)", "[]", EVENT),
    ("first_performed(step('a'))", "first_performed(event=)", STEP, EVENT),
    *(
        (
            f"first_performed('a', within_days={days})",
            "first_performed(within_days=)",
            given,
            DAYS,
        )
        for days, given in WRONG_DAYS
    ),
    ("first_performed('a', where=7)", "first_performed(where=)", "7", CONDITIONS),
    ("first_performed('a', where={})", "first_performed(where=)", "{}", CONDITIONS),
    (
        "first_performed('a', where={'city': ['>']})",
        "first_performed, where city '>'(value=)",
        "null",
        ORDERED,
    ),
    # last_performed
    ("last_performed()", "last_performed(event=)", UNDEFINED, EVENT),
    ("last_performed(['a', ''])", "last_performed(event=)", '["a", ""]', EVENT),
    ("last_performed('a', 'ios')", "last_performed(having=)", '"ios"', CONDITIONS),
    (
        "last_performed('a', having=['ios'])",
        "last_performed(having=)",
        '["ios"]',
        CONDITIONS,
    ),
    ("last_performed('a', having={})", "last_performed(having=)", "{}", CONDITIONS),
    (
        "last_performed('a', having={'': 'ios'})",
        "last_performed(having=)",
        '""',
        "a dictionary from names that are not empty",
    ),
    (
        "last_performed('a', having={'city': []})",
        "last_performed, having city 'in'(value=)",
        "[]",
        LIST,
    ),
    (
        "last_performed('a', having={'city': ['is set', 1]})",
        "last_performed, having city 'is set'(value=)",
        "1",
        "no value",
    ),
    ("last_performed('a', where='b')", "last_performed(where=)", '"b"', CONDITIONS),
    (
        "last_performed('a', having={'city': 'Rome'}, where={'city': none})",
        "last_performed, where city '='(value=)",
        "null",
        SCALAR,
    ),
    # performed_in_order
    ("performed_in_order()", "performed_in_order(steps=)", UNDEFINED, STEPS),
    ("performed_in_order(none)", "performed_in_order(steps=)", "null", STEPS),
    ("performed_in_order([])", "performed_in_order(steps=)", "[]", STEPS),
    ("performed_in_order('a')", "performed_in_order(steps=)", '"a"', STEPS),
    ("performed_in_order({'a': 1})", "performed_in_order(steps=)", '{"a": 1}', STEPS),
    ("performed_in_order(step('a'))", "performed_in_order(steps=)", STEP, STEPS),
    *(
        (
            f"performed_in_order(['a', {step}])",
            "performed_in_order(steps=)",
            given,
            STEP_EVENT,
        )
        for step, given in (
            ("5", "5"),
            ("''", '""'),
            ("none", "null"),
            ("[]", "[]"),
            ("['b', 5]", '["b", 5]'),
            ("{'event': 'b'}", '{"event": "b"}'),
            ("everyone()", EVERYONE),
        )
    ),
    *(
        (
            f"performed_in_order(['a'], within_days={days})",
            "performed_in_order(within_days=)",
            given,
            DAYS,
        )
        for days, given in WRONG_DAYS
    ),
    *(
        (
            f"performed_in_order(['a', 'b'], gap_days={gap})",
            "performed_in_order(gap_days=)",
            given,
            COUNT,
        )
        for gap, given in WRONG_COUNTS
    ),
    # step
    (IN_ORDER.format(step="step()"), f"{IN_ORDER_STEP}(event=)", UNDEFINED, EVENT),
    (IN_ORDER.format(step="step('')"), f"{IN_ORDER_STEP}(event=)", '""', EVENT),
    (IN_ORDER.format(step="step([])"), f"{IN_ORDER_STEP}(event=)", "[]", EVENT),
    (IN_ORDER.format(step="step(step('a'))"), f"{IN_ORDER_STEP}(event=)", STEP, EVENT),
    (
        IN_ORDER.format(step="step('b', where={})"),
        f"{IN_ORDER_STEP}(where=)",
        "{}",
        CONDITIONS,
    ),
    (
        IN_ORDER.format(step="step('b', 'Rome')"),
        f"{IN_ORDER_STEP}(where=)",
        '"Rome"',
        CONDITIONS,
    ),
    (
        IN_ORDER.format(step="step('b', where={'city': []})"),
        f"{IN_ORDER_STEP}, where city 'in'(value=)",
        "[]",
        LIST,
    ),
    (
        IN_ORDER.format(step="step('b', where={'city': ['on', 'off', 'auto']})"),
        f"{IN_ORDER_STEP}, where city(value=)",
        '["on", "off", "auto"]',
        "[operator, value]; write ['in', [...]] for a list that begins with the word "
        "'on'",
    ),
    *(
        (
            rule,
            f"performed_without, {argument}, step, where city '>'(value=)",
            "true",
            ORDERED,
        )
        for argument, rule in (
            ("first", "performed_without(step('a', {'city': ['>', true]}), 'b')"),
            ("then", "performed_without('a', step('b', {'city': ['>', true]}))"),
        )
    ),
    # performed_without
    ("performed_without()", "performed_without(first=)", UNDEFINED, STEP_EVENT),
    ("performed_without(5, 'b')", "performed_without(first=)", "5", STEP_EVENT),
    ("performed_without('', 'b')", "performed_without(first=)", '""', STEP_EVENT),
    ("performed_without([], 'b')", "performed_without(first=)", "[]", STEP_EVENT),
    (
        "performed_without([step('a')], 'b')",
        "performed_without(first=)",
        f"[{STEP}]",
        STEP_EVENT,
    ),
    ("performed_without('a')", "performed_without(then=)", UNDEFINED, STEP_EVENT),
    ("performed_without('a', none)", "performed_without(then=)", "null", STEP_EVENT),
    ("performed_without('a', [''])", "performed_without(then=)", '[""]', STEP_EVENT),
    (
        "performed_without('a', everyone())",
        "performed_without(then=)",
        EVERYONE,
        STEP_EVENT,
    ),
    *(
        (
            f"performed_without('a', 'b', gap_days={gap})",
            "performed_without(gap_days=)",
            given,
            COUNT,
        )
        for gap, given in WRONG_COUNTS
    ),
    *(
        (
            f"performed_without('a', 'b', within_days={days})",
            "performed_without(within_days=)",
            given,
            DAYS,
        )
        for days, given in WRONG_DAYS
    ),
    # performed_regularly
    ("performed_regularly()", "performed_regularly(event=)", UNDEFINED, EVENT),
    ("performed_regularly(5)", "performed_regularly(event=)", "5", EVENT),
    *(
        (
            f"performed_regularly('a', at_least={count}, period_days=7, of_last=4)",
            "performed_regularly(at_least=)",
            given,
            COUNT,
        )
        for count, given in (*WRONG_COUNTS, ("none", "null"))
    ),
    *(
        (
            f"performed_regularly('a', period_days={days}, of_last=4)",
            "performed_regularly(period_days=)",
            given,
            DAYS,
        )
        for days, given in (*WRONG_DAYS, ("none", "null"))
    ),
    (
        "performed_regularly('a', of_last=4)",
        "performed_regularly(period_days=)",
        "null",
        DAYS,
    ),
    *(
        (
            f"performed_regularly('a', period_days=7, of_last={count})",
            "performed_regularly(of_last=)",
            given,
            DAYS,
        )
        for count, given in (*WRONG_DAYS, ("none", "null"))
    ),
    (
        "performed_regularly('a', period_days=7, periods=3)",
        "performed_regularly(of_last=)",
        "null",
        DAYS,
    ),
    *(
        (
            f"performed_regularly('a', period_days=7, periods={count}, of_last=4)",
            "performed_regularly(periods=)",
            given,
            DAYS,
        )
        for count, given in WRONG_DAYS
    ),
    (
        "performed_regularly('a', period_days=7, periods=5, of_last=4)",
        "performed_regularly(periods=)",
        "5",
        "at most of_last, 4",
    ),
    (
        "performed_regularly('a', period_days=7, of_last=4, where=[])",
        "performed_regularly(where=)",
        "[]",
        CONDITIONS,
    ),
    (
        "performed_regularly('a', period_days=7, of_last=4, where={'city': [none]})",
        "performed_regularly, where city 'in'(value=)",
        "[null]",
        LIST,
    ),
    # top_percent and bottom_percent
    *(
        case
        for rank in ("top_percent", "bottom_percent")
        for case in (
            (f"{rank}()", f"{rank}(column=)", UNDEFINED, COLUMN),
            (f"{rank}(none, 10)", f"{rank}(column=)", "null", COLUMN),
            (f"{rank}(['revenue'], 10)", f"{rank}(column=)", '["revenue"]', COLUMN),
            *(
                (
                    f"{rank}('{column}', 10)",
                    f"{rank}(column=)",
                    f'"{column}"',
                    f"a column of user_facts with numbers, dates or times; this one has {kind}.",
                )
                for column, kind in (
                    ("plan", "text"),
                    ("user_id", "text"),
                    ("is_anonymous", "true and false"),
                    ("marketing_consent", "true and false"),
                )
            ),
            (f"{rank}('revenue')", f"{rank}(percent=)", UNDEFINED, RANK_SHARE),
            *(
                (f"{rank}('revenue', {share})", f"{rank}(percent=)", given, RANK_SHARE)
                for share, given in (("0", "0"), *WRONG_SHARES)
            ),
        )
    ),
    # random_split
    ("random_split()", "random_split(percent=)", UNDEFINED, SHARE),
    ("random_split(salt='x')", "random_split(percent=)", UNDEFINED, SHARE),
    *(
        (f"random_split({share}, 'x')", "random_split(percent=)", given, SHARE)
        for share, given in WRONG_SHARES
    ),
    ("random_split(10)", "random_split(salt=)", UNDEFINED, TEXT),
    *(
        (f"random_split(10, {salt})", "random_split(salt=)", given, TEXT)
        for salt, given in (
            ("''", '""'),
            ("none", "null"),
            ("2026", "2026"),
            ("true", "true"),
            ("['x']", '["x"]'),
        )
    ),
    # groups
    *(
        (f"{group}()", f"{group}(rules=)", "[]", "one rule or more")
        for group in ("all_of", "any_of", "none_of")
    ),
    (
        "all_of(any_of(none_of(performed('a', at_least=-1))))",
        "performed(at_least=)",
        "-1",
        COUNT,
    ),
]


@pytest.mark.parametrize(
    "rule, argument, given, allowed",
    WRONG_ARGUMENTS,
    ids=[case[0] for case in WRONG_ARGUMENTS],
)
def test_a_wrong_argument_is_named(rule, argument, given, allowed, error_of_rule):
    place = "seg_example, segment 'example'"
    error = error_of_rule(rule)
    assert f"{place}, {argument}: given {given}; allowed is {allowed}" in error


def test_an_unknown_fact_is_answered_with_the_facts_there_are(error_of_rule):
    error = error_of_rule("fact('revenu', '>', 5)")
    assert (
        "seg_example, segment 'example', fact(column=): given \"revenu\"; allowed is a "
        "column of user_facts: as_of_date, user_id, first_name"
    ) in error
    assert ", revenue," in error


@pytest.mark.parametrize(
    "rule, place, unknown, allowed",
    [
        ("performed('a', at_lest=2)", "performed", "at_lest", PERFORMED_ARGUMENTS),
        ("not_performed('a', days=2)", "performed", "days", PERFORMED_ARGUMENTS),
        (
            "fact('plan', '=', 'basic', null=1)",
            "fact",
            "null",
            "column, operator, value",
        ),
        ("trait('a', '=', 1, type='x')", "trait", "type", "name, operator, value"),
        ("in_segment('seg_rfm', 'a', date=1)", "in_segment", "date", "model, segment"),
        ("everyone(on=1)", "everyone", "on", "none"),
        ("all_of(everyone(), at_least=1)", "all_of", "at_least", "none"),
        ("any_of(everyone(), at_least=1)", "any_of", "at_least", "none"),
        ("none_of(everyone(), at_least=1)", "none_of", "at_least", "none"),
        (
            "first_performed('a', having={})",
            "first_performed",
            "having",
            "event, within_days, where",
        ),
        (
            "last_performed('a', within_days=7)",
            "last_performed",
            "within_days",
            "event, having, where",
        ),
        (
            "performed_in_order(['a'], gap=1)",
            "performed_in_order",
            "gap",
            "steps, within_days, gap_days",
        ),
        *(
            (
                IN_ORDER.format(step=step),
                IN_ORDER_STEP,
                unknown,
                "event, where",
            )
            for step, unknown in (
                ("step('a', having={})", "having"),
                ("step('a', none, 7)", "a further value without a name"),
            )
        ),
        *(
            (rule, f"performed_without, {argument}, step", "gap_days", "event, where")
            for argument, rule in (
                ("first", "performed_without(step('a', gap_days=1), 'b')"),
                ("then", "performed_without('a', step('b', gap_days=1))"),
            )
        ),
        (
            "performed_without('a', 'b', where={})",
            "performed_without",
            "where",
            "first, then, gap_days, within_days",
        ),
        (
            "performed_regularly('a', within_days=7)",
            "performed_regularly",
            "within_days",
            "event, at_least, period_days, periods, of_last, where",
        ),
        ("top_percent('revenue', 10, of=1)", "top_percent", "of", "column, percent"),
        ("bottom_percent('revenue', n=9)", "bottom_percent", "n", "column, percent"),
        ("random_split(10, 'x', seed=1)", "random_split", "seed", "percent, salt"),
    ],
)
def test_an_unknown_argument_is_named(rule, place, unknown, allowed, error_of_rule):
    assert (
        f"seg_example, segment 'example', {place}(): unknown argument {unknown}; "
        f"allowed are {allowed}."
    ) in error_of_rule(rule)


@pytest.mark.parametrize(
    "macro", [name for name in SIGNATURES if name not in (*NO_RULES, *GROUPS)]
)
def test_a_value_too_many_is_told_with_the_arguments_there_are(macro, error_of_rule):
    arguments = SIGNATURES[macro]
    # not_performed is checked as the performed that it denies.
    place = "performed" if macro == "not_performed" else macro
    assert (
        f"seg_example, segment 'example', {place}(): unknown argument a further value "
        f"without a name; allowed are {', '.join(arguments) or 'none'}."
    ) in error_of_rule(f"{macro}({', '.join(['none'] * (len(arguments) + 1))})")


@pytest.mark.parametrize(
    "rule, place, given",
    [
        ("5", "", "5"),
        ("''", "", '""'),
        ("'\\t'", "", '"\\t"'),
        ("[]", "", "[]"),
        ("{'rule': 'preformed'}", "", '{"rule": "preformed"}'),
        ("preformed('a')", "", UNDEFINED),
        ("all_of(preformed('a'))", ", in all_of", UNDEFINED),
        ("any_of([everyone()])", ", in any_of", "[{"),
        ("none_of(none)", ", in none_of", "null"),
        ("step('a')", "", STEP),
        ("any_of(everyone(), step('a'))", ", in any_of", STEP),
    ],
)
def test_what_is_no_rule_is_shown_with_what_a_rule_is(
    rule, place, given, error_of_rule
):
    error = error_of_rule(rule)
    assert f"seg_example, segment 'example'{place}: this is no rule: {given}" in error
    advice = (
        "Write the rules of a group one after the other, not as a list."
        if given.startswith("[")
        else "A step belongs into performed_in_order or performed_without."
        if given == STEP
        else "Is a macro's name misspelt?"
    )
    assert f"{RULES} {advice}" in error


@pytest.mark.parametrize(
    "rule, words",
    [
        ("performed(['a', misspelt])", "performed(event=): given ["),
        (
            "performed('a', where={'city': misspelt})",
            "performed, where city '='(value=): given ",
        ),
        (
            "performed('a', where={'city': ['x', misspelt]})",
            "performed, where city 'in'(value=): given [",
        ),
        ("fact('plan', 'in', ['x', misspelt])", "fact 'in'(value=): given ["),
        (
            "in_segment('seg_lifecycle', ['new', misspelt])",
            "in_segment(segment=): given [",
        ),
        (
            "performed_without('a', ['b', misspelt])",
            "performed_without(then=): given [",
        ),
        ("[preformed('a')]", "this is no rule: ["),
        ("step()", "this is no rule: {"),
    ],
)
def test_something_undefined_inside_of_what_was_given_is_shown(
    rule, words, error_of_rule
):
    error = error_of_rule(rule)
    assert "seg_example, segment 'example'" in error
    assert words in error
    assert UNDEFINED in error


def test_a_segment_without_a_rule_is_told_so(error_of_rule):
    assert (
        "seg_example, segment 'example', segment(rule=): given null; allowed is a "
        "rule, like performed('purchase')."
    ) in error_of_rule("none")


COLUMN_RULES = [
    "fact('{column}', '>', 5)",
    "top_percent('{column}', 5)",
    "bottom_percent('{column}', 5)",
]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("purchase_cnt_30d", "purchase_count_30d"),
        ("revenu", "revenue"),
        ("days_since_purchase", "days_since_last_purchase"),
    ],
)
@pytest.mark.parametrize("rule", COLUMN_RULES)
def test_a_misspelt_fact_is_answered_with_the_nearest(
    error_of_rule, rule, wrong, right
):
    error = error_of_rule(rule.format(column=wrong))
    macro = rule.partition("(")[0]
    assert f"segment 'example', {macro}(column=): given \"{wrong}\"; allowed" in error
    assert f"Did you mean '{right}'?" in error


@pytest.mark.parametrize("rule", COLUMN_RULES)
def test_a_name_like_no_fact_is_answered_without_a_guess(error_of_rule, rule):
    error = error_of_rule(rule.format(column="xyzzy"))
    assert 'given "xyzzy"; allowed is a column of user_facts: as_of_date,' in error
    assert "Did you mean" not in error


@pytest.mark.parametrize(
    "rule",
    [
        "fact('last_active_date', '>', '01.05.2024')",
        "fact('birth_date', '=', 5)",
        "fact('signed_up_at', 'in', ['2024-01-01', 'soon'])",
        "fact('last_purchase_date', 'between', ['2024-01-01', '2024-13-01'])",
    ],
)
def test_a_date_is_compared_with_dates_alone(error_of_rule, rule):
    error = error_of_rule(rule)
    assert "(value=): given " in error
    assert "allowed is a date, YYYY-MM-DD: " in error
    assert "is compared as a local date." in error


NAME = "a name in lower_snake_case, like loyal_shopper"
OTHER_NAME = "a name that no other segment of the segmentation has"
SEGMENTS = "a list of segment(...), not empty"
CONFLICTS = "a list of segments, like ['dormant'] or ['lifecycle.dormant']"


WRONG_SEGMENTS = [
    ("[]", "segmentation(segments=)", "[]", SEGMENTS),
    ("none", "segmentation(segments=)", "null", SEGMENTS),
    ("'example'", "segmentation(segments=)", '"example"', SEGMENTS),
    ("segment('a', rule=everyone())", "segmentation(segments=)", "{", SEGMENTS),
    (
        "[everyone()]",
        "segmentation(segments=)",
        '{"rule": "everyone"',
        "a list of segment('name', rule=...)",
    ),
    (
        "['example']",
        "segmentation(segments=)",
        '"example"',
        "a list of segment('name', rule=...)",
    ),
    ("[segment('', rule=everyone())]", "segment(name=)", '""', NAME),
    ("[segment(rule=everyone())]", "segment(name=)", UNDEFINED, NAME),
    ("[segment(7, rule=everyone())]", "segment '7', segment(name=)", "7", NAME),
    (
        "[segment('a', rule=everyone()), segment('a', rule=everyone())]",
        "segment 'a', segment(name=)",
        '"a"',
        OTHER_NAME,
    ),
    *(
        (
            f"[segment('{name}', rule=everyone())]",
            f"segment '{name}', segment(name=)",
            json.dumps(name),
            NAME,
        )
        for name in ("VIP", "1st", "at-risk", "at risk", "_vip", "naïve")
    ),
    (
        "[segment('vip\\n', rule=everyone())]",
        "segment 'vip ', segment(name=)",
        '"vip\\n"',
        NAME,
    ),
    (
        "[segment('a', rule=everyone(), description=5)]",
        "segment 'a', segment(description=)",
        "5",
        "a text",
    ),
    (
        "[segment('a', rule=everyone(), owner=['crm'])]",
        "segment 'a', segment(owner=)",
        '["crm"]',
        "a text",
    ),
    *(
        (
            f"[segment('a', rule=everyone(), min_size={size})]",
            "segment 'a', segment(min_size=)",
            given,
            COUNT,
        )
        for size, given in (("-1", "-1"), ("2.5", "2.5"), ("'50'", '"50"'))
    ),
    *(
        (
            f"[segment('a', rule=everyone(), conflicts_with={conflicts})]",
            "segment 'a', segment(conflicts_with=)",
            given,
            CONFLICTS,
        )
        for conflicts, given in (
            ("'b'", '"b"'),
            ("[1]", "[1]"),
            ("none", "null"),
            ("{'b': 1}", '{"b": 1}'),
        )
    ),
]


@pytest.mark.parametrize("segments, argument, given, allowed", WRONG_SEGMENTS)
def test_a_wrong_segment_is_named(segments, argument, given, allowed, error_of):
    error = error_of(segments=segments)
    assert f"seg_example, {argument}: given {given}" in error
    assert f"; allowed is {allowed}." in error


@pytest.mark.parametrize(
    "segment, unknown",
    [
        ("segment('a', rule=everyone(), minimum=5)", "minimum"),
        (
            "segment('a', everyone(), none, none, none, [], 5)",
            "a further value without a name",
        ),
    ],
)
def test_an_unknown_argument_of_a_segment_is_named(segment, unknown, error_of):
    assert (
        f"seg_example, segment 'a', segment(): unknown argument {unknown}; allowed are "
        f"{SEGMENT_ARGUMENTS}."
    ) in error_of(segments=f"[{segment}]")


WRONG_SEGMENTATIONS = [
    (
        {"assignment": "'both'"},
        "assignment",
        '"both"',
        "'exclusive' or 'overlapping'",
    ),
    (
        {"assignment": "'overlapping'", "otherwise": "'rest'"},
        "otherwise",
        '"rest"',
        "none with assignment='overlapping'",
    ),
    ({"otherwise": "'The rest'"}, "otherwise", '"The rest"', NAME),
    ({"otherwise": "''"}, "otherwise", '""', NAME),
    ({"otherwise": "'example'"}, "otherwise", '"example"', OTHER_NAME),
]


@pytest.mark.parametrize("arguments, argument, given, allowed", WRONG_SEGMENTATIONS)
def test_a_wrong_argument_of_a_segmentation_is_named(
    arguments, argument, given, allowed, error_of
):
    assert (
        f"seg_example, segmentation({argument}=): given {given}; allowed is {allowed}."
    ) in error_of(**arguments)


@pytest.mark.parametrize(
    "population, words",
    [
        (
            "performed('a', within_days=0)",
            "performed(within_days=): given 0; allowed is",
        ),
        ("5", "in population: this is no rule: 5."),
        ("all_of()", "all_of(rules=): given []; allowed is one rule or more."),
    ],
)
def test_a_wrong_population_is_named(population, words, error_of):
    assert f"seg_example, {words}" in error_of(population=population)


# Whether anything was forgotten

ELSEWHERE = {
    ("segment", "rule"): "test_a_segment_without_a_rule_is_told_so",
    ("segmentation", "population"): "test_a_wrong_population_is_named",
    ("hand_written_segmentation", "assignment"): (
        "test_an_assignment_of_a_segmentation_by_hand_is_checked"
    ),
}
"""Arguments whose misuse has a test of its own, because no table above fits it."""


def misused(rule, place):
    """The macro and the argument that a case is about, by where its error stands.

    A step or a condition inside is an argument of what it stands in.
    """
    found = re.match(
        r"(segment '.*', )?(?P<rule>\w+)"
        r"(, (?P<role>steps|first|then), (?P<step>step)( \d+)?)?"
        r"( '[^']*')?(\((?P<argument>\w+)=\)|, (?P<conditions>where|having) )",
        place,
    )
    macro = found["step"] or found["rule"]
    if rule.startswith("not_"):
        macro = f"not_{macro}"
    return macro, found["argument"] or found["conditions"]


MISUSED = {
    *(misused(rule, place) for rule, place, *_ in WRONG_ARGUMENTS),
    *(misused("", place) for _, place, *_ in WRONG_SEGMENTS),
    *(("segmentation", argument) for _, argument, *_ in WRONG_SEGMENTATIONS),
}


@pytest.mark.parametrize(
    "macro, argument",
    [(macro, argument) for macro in SIGNATURES for argument in SIGNATURES[macro]],
)
def test_every_argument_of_every_rule_macro_has_a_misuse_test(macro, argument):
    own_test = ELSEWHERE.get((macro, argument))
    assert ((macro, argument) in MISUSED) != (own_test is not None)
    assert own_test is None or own_test in globals()


def test_there_is_no_misuse_test_of_an_argument_that_is_gone():
    known = {
        (macro, argument) for macro in SIGNATURES for argument in SIGNATURES[macro]
    }
    # A group has no named arguments: its error calls them rules.
    assert MISUSED - known == {(group, "rules") for group in GROUPS}
    assert ELSEWHERE.keys() <= known


@pytest.mark.parametrize(
    "rule, place, macro_and_argument",
    [
        ("performed()", "performed(event=)", ("performed", "event")),
        ("not_performed()", "performed(event=)", ("not_performed", "event")),
        ("fact('a', '=')", "fact '='(value=)", ("fact", "value")),
        ("performed()", "performed, where a 'in'(value=)", ("performed", "where")),
        (
            "last_performed()",
            "last_performed, having a 'in'(value=)",
            ("last_performed", "having"),
        ),
        ("performed_in_order()", f"{IN_ORDER_STEP}(event=)", ("step", "event")),
        (
            "performed_without()",
            "performed_without, then, step, where a '='(value=)",
            ("step", "where"),
        ),
        ("", "segment 'a', segment(owner=)", ("segment", "owner")),
    ],
)
def test_the_argument_of_a_case_is_read_from_its_place(rule, place, macro_and_argument):
    assert misused(rule, place) == macro_and_argument


# What only shows in a whole project


@pytest.fixture(scope="module")
def project(copy_project):
    """A parsed project with two segmentations of its own, whose files tests change."""
    project = copy_project("errors", segmentations=["lifecycle", "first", "second"])
    for name in ("first", "second"):
        project.write(f"models/segments/seg_{name}.sql", segmentation("everyone()"))
    return project.parse()


@pytest.fixture
def errors(project):
    """Return what writes models and compiles the project, which must fail."""
    before = {
        name: (project.folder / name).read_text()
        for name in ("models/segments/seg_first.sql", "models/segments/seg_second.sql")
    }

    def compile_project(command="parse", **models):
        for name, text in models.items():
            project.write(f"models/segments/{name}.sql", text)
        answer = project.afresh().dbt(command)
        assert not answer.succeeded, "the error was not found"
        return " ".join(answer.error.split())

    yield compile_project
    for file in (project.folder / "models" / "segments").glob("*.sql"):
        if file.stem in ("seg_third", "third"):
            file.unlink()
    for name, text in before.items():
        project.write(name, text)


def segmentation(rule, **arguments):
    more = "".join(f", {name}={value}" for name, value in arguments.items())
    return f"{{{{ segmentation(segments=[segment('a', rule={rule})]{more}) }}}}\n"


def test_an_unknown_argument_of_a_segmentation_is_named(errors):
    assert (
        "seg_first, segmentation(): unknown argument exclusive; allowed are segments, "
        "assignment, otherwise, population."
    ) in errors(seg_first=segmentation("everyone()", exclusive="true"))


def test_a_misspelt_macro_is_named_with_its_model_and_segment(errors):
    error = errors(seg_first=segmentation("preformed('purchase')"))
    assert "seg_first, segment 'a': this is no rule: something undefined" in error
    assert "Is a macro's name misspelt?" in error


@pytest.mark.parametrize(("word", "macro"), [("and", "all_of"), ("or", "any_of")])
def test_rules_are_not_combined_by_words_of_jinja(errors, word, macro):
    error = errors(
        seg_first=segmentation(f"performed('a) or (b') {word} performed('c')")
    )
    assert (
        f"seg_first: '{word}' between two rules does not combine them, Jinja would "
        "keep only one."
    ) in error
    assert f"{macro}(...) for {word}" in error


def test_an_assignment_of_a_segmentation_by_hand_is_checked(errors):
    assert (
        'seg_first, hand_written_segmentation(assignment=): given "one"; allowed is '
        "'exclusive' or 'overlapping'."
    ) in errors(seg_first="{{ hand_written_segmentation('one') }} select 1 as one")


def test_a_circle_of_segmentations_is_an_error_that_names_them(errors):
    error = errors(
        "compile",
        seg_first=segmentation("in_segment('seg_second', 'a')"),
        seg_second=segmentation("in_segment('seg_first', 'a')"),
    )
    assert "Found a cycle" in error
    assert "model.user_segmentation.seg_first" in error
    assert "model.user_segmentation.seg_second" in error


def test_a_segmentation_cannot_refer_to_itself(errors):
    assert (
        "seg_first, segment 'a', in_segment(model=): given \"seg_first\"; allowed is "
        "another segmentation: a cycle has no answer."
    ) in errors(seg_first=segmentation("in_segment('seg_first', 'a')"))


def test_a_segmentation_that_is_switched_off_cannot_be_referred_to(errors):
    assert (
        "seg_first, segment 'a', in_segment(model=): given \"seg_rfm\"; allowed is a "
        "segmentation of the variable segmentations in dbt_project.yml, which has: "
        "lifecycle, first, second. Add 'rfm' to it, or take the rule out."
    ) in errors(seg_first=segmentation("in_segment('seg_rfm', 'lost')"))


def test_what_is_switched_off_may_refer_to_what_is_switched_off(project, errors):
    project.write(
        "models/segments/seg_third.sql",
        segmentation("in_segment('seg_rfm', 'lost')"),
    )
    answer = project.afresh().dbt("ls", "--resource-type", "model")
    assert answer.succeeded, answer.error
    assert any("seg_third is switched off" in warning for warning in answer.warnings)


def test_a_segment_that_a_model_does_not_have_is_named(errors):
    assert (
        "seg_first, segment 'a', in_segment(segment=): given \"b\"; allowed is a "
        "segment of seg_second: a."
    ) in errors("compile", seg_first=segmentation("in_segment('seg_second', 'b')"))


def test_an_unknown_fact_is_named_when_the_project_compiles(errors):
    assert (
        "seg_first, segment 'a', fact(column=): given \"tenure\"; allowed is a "
        "column of user_facts: "
    ) in errors("compile", seg_first=segmentation("fact('tenure', '>', 5)"))


def test_a_segmentation_must_be_named_as_one(errors):
    assert (
        "third calls segmentation(); the name of such a model begins with seg_. "
        "Rename the file to seg_third.sql."
    ) in errors(third=segmentation("everyone()"))


def test_a_name_in_the_variable_must_have_a_model(project, errors):
    (project.folder / "models" / "segments" / "seg_second.sql").unlink()
    error = errors()
    assert "depends on a node named 'seg_second' which was not found" in error


def test_a_segmentation_that_is_not_in_the_variable_is_switched_off_with_a_warning(
    project, errors
):
    project.write("models/segments/seg_third.sql", segmentation("everyone()"))
    answer = project.afresh().dbt("ls", "--resource-type", "model")
    assert answer.succeeded, answer.error
    assert not [name for name in answer.value if name.endswith("seg_third")]
    assert any(
        "seg_third is switched off: 'third' is not in the variable segmentations in "
        "dbt_project.yml. Add it there to switch the segmentation on." in warning
        for warning in answer.warnings
    )


# Values are data

HARMFUL = [
    "O'Neil",
    "''",
    "'",
    '"double"',
    "back\\slash",
    "end\\",
    "\\'",
    "semi;colon",
    "'; drop table users; --",
    "') or true --",
    "100%",
    "%s %(name)s",
    "under_score",
    "underXscore",
    "{{ 1 }}",
    "{% raw %}",
    "{# no comment #}",
    "line\nselect 1 / 0",
    "return\rselect 1 / 0",
    "separator\u2028select 1 / 0",
    "tab\t",
    "naïve Größe 東京",
    "e\u0301",
    "é",
    "😀",
    "-- comment",
    "/* comment",
    "*/",
    "$1 ${x} $$",
    "? :name",
    "null",
    "true",
    "42",
    " spaced ",
    "path.to/a~key",
    "[1]",
    "<b>&amp;</b>",
]
"""Each text belongs to one user: it is the name of an event of that user, a column, a
property and the name of a property of it, and a column, a trait and the name of a trait
of the profile."""

PLACES = {
    "event": "performed({text})",
    "beginning": "performed({text} ~ '*')",
    "column": "performed('*', where={{'campaign_id': {text}}})",
    "property": "performed('*', where={{'value': {text}}})",
    "key": "performed('*', where={{{text}: 'yes'}})",
    "contained": "performed('*', where={{'value': ['contains', {text}]}})",
    "measured": "performed('*', measure='sum', of={text} ~ '.n', at_least=2)",
    "fact": "fact('plan', '=', {text})",
    "start": "fact('plan', 'starts with', {text})",
    "end": "fact('plan', 'ends with', {text})",
    "trait": "trait('value', '=', {text})",
    "trait_key": "trait({text}, 'is set')",
}
MANY = 10_000


def user(number):
    return f"user_{number:02}"


def jinja(value):
    """A text or a list of texts as a literal of Jinja."""
    return json.dumps(value, ensure_ascii=False)


def hits(place, text):
    """The users that a rule with this text must match, by the words of the rules."""
    compare = {
        "beginning": str.startswith,
        "contained": str.__contains__,
        "start": str.startswith,
        "end": str.endswith,
    }.get(place, str.__eq__)
    return {
        user(number) for number, other in enumerate(HARMFUL) if compare(other, text)
    }


@pytest.fixture(scope="module")
def harmed(copy_project):
    """A warehouse built with every harmful text in the raw data and in every rule."""
    segments = [
        f"segment('{place}_{number}', rule={rule.format(text=jinja(text))}, "
        f"description={jinja(text)}, owner={jinja(text)})"
        for number, text in enumerate(HARMFUL)
        for place, rule in PLACES.items()
    ]
    many = jinja([f"none_{number}" for number in range(MANY)] + HARMFUL)
    segments += [
        f"segment('many_facts', rule=fact('plan', 'in', {many}))",
        f"segment('many_events', rule=performed({many}))",
    ]
    project = copy_project("values", segmentations=["values"])
    project.write(
        "models/segments/seg_values.sql",
        "{{ segmentation(assignment='overlapping', segments=[\n"
        + ",\n".join(segments)
        + "\n]) }}",
    )
    for table, record in (("events", event), ("users", profile)):
        lines = [
            json.dumps(record(user(number), text))
            for number, text in enumerate(HARMFUL)
        ]
        # One more user, with nothing of all this, whom no rule may match.
        lines.append(json.dumps(record("nobody", "none of these")))
        project.write(f"raw/{table}.ndjson", "\n".join(lines))
    answer = project.build("+segment_definitions", "+segment_memberships")
    assert answer.succeeded, answer.error
    return project


def event(user_id, text):
    return {
        "event_id": user_id,
        "event_name": text,
        "occurred_at": "2024-01-01 12:00:00",
        "user_id": user_id,
        "campaign_id": text,
        "properties": {"value": text, text: "yes", f"{text}.n": 2},
    }


def profile(user_id, text):
    return {"user_id": user_id, "plan": text, "traits": {"value": text, text: "yes"}}


@pytest.mark.parametrize("place", PLACES)
def test_a_text_matches_exactly_the_users_that_have_it(place, harmed):
    members = harmed.query(
        f"""
        select segment, list(user_id) as user_ids
        from memberships.segment_memberships
        where starts_with(segment, '{place}_')
        group by segment
        """
    )
    found = {row["segment"]: set(row["user_ids"]) for row in members}
    assert {
        text: found.get(f"{place}_{number}", set())
        for number, text in enumerate(HARMFUL)
    } == {text: hits(place, text) for text in HARMFUL}


@pytest.mark.parametrize("segment", ["many_facts", "many_events"])
def test_a_list_of_ten_thousand_values_matches_the_users_that_have_one(segment, harmed):
    members = harmed.query(
        "select user_id from memberships.segment_memberships "
        f"where segment = '{segment}'"
    )
    assert sorted(row["user_id"] for row in members) == [
        user(number) for number in range(len(HARMFUL))
    ]


def test_a_definition_holds_its_texts_as_they_were_written(harmed):
    definitions = {
        row["segment"]: row
        for row in harmed.query("select * from memberships.segment_definitions")
    }
    for number, text in enumerate(HARMFUL):
        definition = definitions[f"trait_{number}"]
        assert definition["description"] == definition["owner"] == text
        assert json.loads(definition["rule_json"])["value"] == text
        assert "\n" not in definition["rule_words"]


def test_a_line_end_in_a_rule_cannot_leave_its_comment(harmed):
    folder = harmed.folder / "target/compiled/user_segmentation/models/segments"
    lines = (folder / "seg_values.sql").read_text().splitlines()
    comments = {
        line.strip() for line in lines if line.strip().startswith("-- plan is ")
    }
    # One for each text, and one for the list of ten thousand.
    assert len(comments) == len(HARMFUL) + 1
    for word in ("line", "return", "separator"):
        assert f"-- plan is {word} select 1 / 0" in comments
