"""Misuse of a rule is an error that says where and what; values in rules are data.

Point 3.13 of the meaning of rules: an error names the model, the segment, the argument,
what was given and what is allowed. Point 3.14: no value can change the SQL.
"""

import json

import pytest

pytest_plugins = "dbt_project"

PERFORMED_ARGUMENTS = (
    "event, at_least, at_most, exactly, within_days, until_days_ago, since, until, "
    "where, measure, of"
)
SEGMENT_ARGUMENTS = "name, rule, description, owner, min_size, conflicts_with"
OPERATORS = (
    "one of =, !=, >, >=, <, <=, between, not between, in, not in, contains, "
    "not contains, starts with, ends with, matches, not matches, is set, is not set, "
    "within days, not within days, in next days, anniversary in next days, before, "
    "after, on"
)
EVENT = "an event's name, a beginning with * at its end, or a list of these"
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
UNDEFINED = "something undefined"


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
    ("not_performed('a', within_days=0)", "performed(within_days=)", "0", DAYS),
    (
        "not_performed('a', measure='mode')",
        "performed(measure=)",
        '"mode"',
        "one of count",
    ),
    # fact and trait: operators and their values
    ("fact(5, '=', 1)", "fact(column=)", "5", "a column of user_facts"),
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
        "lifecycle, rfm, engagement, technographic. Add 'lifecicle' to it, or take the "
        "rule out",
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
        ("everyone('a')", "everyone", "a further value without a name", "none"),
        ("all_of(everyone(), at_least=1)", "all_of", "at_least", "none"),
        ("any_of(everyone(), at_least=1)", "any_of", "at_least", "none"),
        ("none_of(everyone(), at_least=1)", "none_of", "at_least", "none"),
        (
            "fact('plan', '=', 'basic', 'gold')",
            "fact",
            "a further value without a name",
            "column, operator, value",
        ),
    ],
)
def test_an_unknown_argument_is_named(rule, place, unknown, allowed, error_of_rule):
    assert (
        f"seg_example, segment 'example', {place}(): unknown argument {unknown}; "
        f"allowed are {allowed}."
    ) in error_of_rule(rule)


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
    ],
)
def test_what_is_no_rule_is_shown_with_what_a_rule_is(
    rule, place, given, error_of_rule
):
    error = error_of_rule(rule)
    assert f"seg_example, segment 'example'{place}: this is no rule: {given}" in error
    assert "A rule is a call of one of performed, fact, trait, in_segment" in error
    advice = (
        "Write the rules of a group one after the other, not as a list."
        if given.startswith("[")
        else "Is a macro's name misspelt?"
    )
    assert f"or an SQL predicate as text. {advice}" in error


def test_a_segment_without_a_rule_is_told_so(error_of_rule):
    assert (
        "seg_example, segment 'example', segment(rule=): given null; allowed is a "
        "rule, like performed('purchase')."
    ) in error_of_rule("none")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("purchase_cnt_30d", "purchase_count_30d"),
        ("revenu", "revenue"),
        ("days_since_purchase", "days_since_last_purchase"),
    ],
)
def test_a_misspelt_fact_is_answered_with_the_nearest(error_of_rule, wrong, right):
    assert f"Did you mean '{right}'?" in error_of_rule(f"fact('{wrong}', '>', 5)")


def test_a_name_like_no_fact_is_answered_without_a_guess(error_of_rule):
    assert "Did you mean" not in error_of_rule("fact('xyzzy', '>', 5)")


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


@pytest.mark.parametrize(
    "segments, argument, given, allowed",
    [
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
    ],
)
def test_a_wrong_segment_is_named(segments, argument, given, allowed, error_of):
    error = error_of(segments=segments)
    assert f"seg_example, {argument}: given {given}" in error
    assert f"; allowed is {allowed}." in error


def test_an_unknown_argument_of_a_segment_is_named(error_of):
    error = error_of(segments="[segment('a', rule=everyone(), minimum=5)]")
    assert (
        "seg_example, segment 'a', segment(): unknown argument minimum; allowed are "
        f"{SEGMENT_ARGUMENTS}."
    ) in error


@pytest.mark.parametrize(
    "arguments, argument, given, allowed",
    [
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
    ],
)
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
    comments = [line.strip() for line in lines if line.strip().startswith("-- plan = ")]
    assert len(comments) == len(HARMFUL)
    for word in ("line", "return", "separator"):
        assert f"-- plan = {word} select 1 / 0" in comments
