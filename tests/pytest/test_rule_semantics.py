"""Random rules over random data: SQL and an independent evaluator find the same users.

Every example is a world of raw rows with late, doubled and broken ones, and a list of
rules up to three groups deep. dbt compiles the rules as one segmentation, its SQL runs on
the world, and the evaluator, which was written from docs/semantics.md and not from the
macros, answers the same for each user and snapshot date. A difference is reduced to one
rule and the few rows and values that it needs.

Examples are the same in every run, so that a failure comes back. More of them, at random:

    USER_SEGMENTATION_TEST_EXAMPLES=2000 .venv/bin/python -m pytest \\
        tests/pytest/test_rule_semantics.py
"""

import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pprint import pformat

import pytest
from compiled_project import (
    RULE_INPUTS,
    CompilationError,
    CompiledProject,
    Segmentation,
)
from evaluator import AsOf, Evaluator
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from rule_strategies import LAST_DAY, as_jinja, rules, worlds

pytest_plugins = "dbt_project"

MORE_EXAMPLES = os.environ.get("USER_SEGMENTATION_TEST_EXAMPLES")
EXAMPLES = int(MORE_EXAMPLES or 12)
CASES_AT_LEAST = 20_000

# Where local days are hard: far from UTC, on half hours, across changes of clocks, at a
# midnight that is skipped, on a day that is skipped, and where a day comes twice.
CALENDARS = {
    "UTC": LAST_DAY,
    "America/Los_Angeles": date(2026, 3, 9),
    "Asia/Kolkata": LAST_DAY,
    "Australia/Lord_Howe": date(2026, 4, 6),
    "America/Sao_Paulo": date(2017, 10, 16),
    "Pacific/Apia": date(2011, 12, 31),
    "America/St_Johns": date(2010, 11, 8),
}
OTHER = "seg_lifecycle"
OTHER_SEGMENTS = ["loyal_shopper", "new", "dormant", "at_risk", "active", "prospect"]

as_examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not MORE_EXAMPLES,
    database=None,
    print_blob=False,
    # A batch of rules shrinks slowly; `smallest_case` is done in seconds.
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class RuleCases:
    """How many answers of random rules, one per rule, user and date, were compared."""

    count: int = 0


@pytest.fixture(scope="module")
def rule_cases(closing_lines):
    cases = RuleCases()
    yield cases
    closing_lines.append(
        f"{cases.count:,} random cases of rule, user and date compared with the "
        "independent evaluator"
    )


@pytest.fixture(scope="module", params=CALENDARS)
def calendar(request, parsed_project):
    """A time zone and last day, with the project compiled for them."""
    last_day = CALENDARS[request.param]
    compiled = CompiledProject(
        parsed_project,
        needed=(*RULE_INPUTS, OTHER),
        time_zone=request.param,
        as_of_date=last_day,
        load_date=last_day,
        snapshot_count=2,
    )
    yield Calendar(request.param, last_day, compiled)
    compiled.close()


class Calendar:
    """Worlds of one time zone, as SQL and the evaluator see them."""

    def __init__(self, time_zone, last_day, compiled):
        self.time_zone = time_zone
        self.last_day = last_day
        self.compiled = compiled
        self.compiled_last = None
        self.sql = None

    def worlds(self):
        return worlds(self.time_zone, self.last_day)

    def rules(self, segmentations=None):
        """Rules up to three groups deep, in_segment only on segmentations given."""
        return rules(3, self.last_day, segmentations=segmentations or {})

    def load(self, world):
        """Load a world; return its evaluator and its snapshot dates."""
        self.compiled.load(**world)
        dates = self.compiled.query(
            "select as_of_date from warehouse.intermediate.int_as_of_dates"
        )
        evaluator = Evaluator(
            world["events"],
            world["users"],
            time_zone=self.time_zone,
            load_date=self.last_day,
        )
        return evaluator, [row["as_of_date"] for row in dates]

    def members(self, texts, population=None):
        """The users of each rule that is written as text, by date and name."""
        key = (tuple(texts.items()), population)
        if key != self.compiled_last:
            # dbt takes longer to compile rules than the engine to run them.
            self.sql = self.compiled.sql_of(texts, population=population)
            self.compiled_last = key
        return defaultdict(set, self.compiled.members(self.sql))

    def explanation(self, texts, users):
        """The rows that explain users of a segmentation of rules written as text."""
        code = Segmentation(texts).definition_code()
        [result] = self.compiled.project.compile(
            code + "{{ user_segmentation._explanation_sql("
            f"'seg_example', definition, {users}, none) }}}}"
        ).value.results
        return self.compiled.query(result.node.compiled_code)

    def other_segments(self):
        """Who is in which segment of the other segmentation, for in_segment."""
        found = defaultdict(lambda: defaultdict(set))
        sql = self.compiled.sql_of_model(OTHER)
        for row in self.compiled.query(sql):
            found[OTHER, row["as_of_date"]][row["user_id"]].add(row["segment"])
        return found


def differences(calendar, world, written, population=None):
    """Where SQL and evaluator differ, and how many rule x user cases were compared.

    A difference is the rule with a sentence of who is in or out.
    """
    evaluator, days = calendar.load(world)
    texts = {f"rule_{number}": as_jinja(rule) for number, rule in enumerate(written)}
    found = calendar.members(texts, population=population and as_jinja(population))
    others = calendar.other_segments()
    cases, wrong = 0, []
    for day in days:
        users = evaluator.population(day)
        if population:
            users = evaluator.members(population, day, others=others)
        for name, rule in zip(texts, written, strict=True):
            expected = evaluator.members(rule, day, population, others)
            for user in sorted(expected ^ found[day, name]):
                says = "not in, but should be" if user in expected else "in, wrongly"
                wrong.append((rule, f"on {day} {user} is {says}"))
            cases += len(users)
    return wrong, cases


class Difference(Exception):
    """SQL and evaluator differ: world, rules and population."""


def compare(calendar, world, written, cases, population=None):
    wrong, compared = differences(calendar, world, written, population)
    cases.count += compared
    if wrong:
        raise Difference(world, written, population)


def run(check, calendar):
    """Run a property; fail with a small case if it finds a difference."""
    try:
        check()
    except Difference as difference:
        case = smallest_case(calendar, *difference.args)
    else:
        return
    pytest.fail(case, pytrace=False)


def smallest_case(calendar, world, written, population=None):
    """A difference without all the rules, rows and values that it does not need."""

    def difference(world, written):
        try:
            wrong = differences(calendar, world, written, population)[0]
        except CompilationError:
            return None
        return wrong[0] if wrong else None

    def without(rows, number, column=None):
        row = {name: value for name, value in rows[number].items() if name != column}
        return [*rows[:number], *([row] if column else []), *rows[number + 1 :]]

    # Rules share what they ask of events, so that one alone may do no harm.
    alone = [rule for rule in written if difference(world, [rule])]
    written = alone[:1] or written
    for number in reversed(range(len(written))):
        if difference(world, rest := without(written, number)):
            written = rest
    for number in range(len(written)):
        smaller = written[number]
        while smaller:
            written = [*written[:number], smaller, *written[number + 1 :]]
            for smaller in parts(written[number]):
                tried = [*written[:number], smaller, *written[number + 1 :]]
                if difference(world, tried):
                    break
            else:
                smaller = None
    for table in ("events", "users"):
        for number in reversed(range(len(world[table]))):
            less = world | {table: without(world[table], number)}
            if difference(less, written):
                world = less
        for number, row in enumerate(world[table]):
            for column in row:
                less = world | {table: without(world[table], number, column)}
                if difference(less, written):
                    world = less
    rule, sentence = difference(world, written)
    lines = [f"{sentence}: {as_jinja(rule)}"]
    lines += [f"beside it: {as_jinja(other)}" for other in written if other is not rule]
    if population:
        lines.append(f"population: {as_jinja(population)}")
    return "\n".join([*lines, pformat(world, width=100)])


def parts(rule):
    """Rules with less in them: parts of a group, and one argument fewer."""
    yield from rule.get("rules", [])
    if len(rule.get("rules", [])) > 1:
        for number in range(len(rule["rules"])):
            rest = rule["rules"][:number] + rule["rules"][number + 1 :]
            yield rule | {"rules": rest}
    for name in ("where", "having", "within_days", "until_days_ago", "gap_days"):
        if name in rule:
            yield {key: value for key, value in rule.items() if key != name}


def test_sql_and_evaluator_find_the_same_users(calendar, rule_cases):
    @as_examples
    @given(
        st.lists(calendar.worlds(), min_size=3, max_size=3),
        st.lists(calendar.rules({OTHER: OTHER_SEGMENTS}), min_size=14, max_size=20),
    )
    def check(some_worlds, written):
        for world in some_worlds:
            compare(calendar, world, written, rule_cases)

    run(check, calendar)


def test_a_difference_is_reduced_to_what_it_needs(calendar, monkeypatch):
    """With an evaluator that reads `within_days` as one day less."""
    right = AsOf.is_in
    monkeypatch.setattr(
        AsOf,
        "is_in",
        lambda self, event, within_days=None, **window: right(
            self, event, within_days=within_days and within_days - 1, **window
        ),
    )
    day = calendar.last_day - timedelta(days=6)
    event = {"event_name": "view", "occurred_at": f"{day} 12:00:00", "user_id": "u1"}
    world = {
        "events": [
            event | {"event_id": "e1", "city": "Rome", "platform": "web"},
            event | {"event_id": "e2", "event_name": "login"},
            event | {"event_id": "e3", "user_id": "u2", "event_name": "login"},
        ],
        "users": [{"user_id": "u1", "plan": "basic"}],
    }
    wrong = {"rule": "performed", "event": "view", "within_days": 7}
    rule = {
        "rule": "any_of",
        "rules": [
            {"rule": "all_of", "rules": [{"rule": "everyone"}, wrong]},
            {"rule": "performed", "event": "never"},
        ],
    }
    found = smallest_case(calendar, world, [{"rule": "everyone"}, rule])
    assert found.splitlines() == [
        f"on {calendar.last_day} u1 is in, wrongly: performed('view', within_days=7)",
        "{'events': [{'event_id': 'e1',",
        "             'event_name': 'view',",
        f"             'occurred_at': '{day} 12:00:00',",
        "             'user_id': 'u1'}],",
        " 'users': []}",
    ]


def test_a_population_limits_users_and_ranks(calendar, rule_cases):
    @settings(as_examples, max_examples=EXAMPLES // 2)
    @given(
        calendar.worlds(),
        calendar.rules(),
        st.lists(calendar.rules(), min_size=8, max_size=12),
    )
    def check(world, population, written):
        compare(calendar, world, written, rule_cases, population)

    run(check, calendar)


def test_the_population_is_everyone_known(calendar):
    @settings(as_examples, max_examples=EXAMPLES)
    @given(calendar.worlds())
    def check(world):
        evaluator, days = calendar.load(world)
        found = defaultdict(set)
        for row in calendar.compiled.query(
            "select as_of_date, user_id from warehouse.facts.user_facts"
        ):
            found[row["as_of_date"]].add(row["user_id"])
        assert {day: evaluator.population(day) for day in days} == {
            day: found[day] for day in days
        }

    check()


# Laws that hold whatever a rule means: nobody has to know the right answer


def test_complement_and_de_morgan(calendar):
    @settings(as_examples, max_examples=EXAMPLES // 2)
    @given(calendar.worlds(), calendar.rules(), calendar.rules())
    def check(world, one, two):
        _, days = calendar.load(world)
        one, two = as_jinja(one), as_jinja(two)
        found = calendar.members(
            {
                "everyone": "everyone()",
                "one": one,
                "not_one": f"none_of({one})",
                "two": two,
                "neither": f"none_of({one}, {two})",
                "not_one_and_not_two": f"all_of(none_of({one}), none_of({two}))",
                "both": f"all_of({one}, {two})",
                "not_without": f"none_of(none_of({one}), none_of({two}))",
                "either": f"any_of({one}, {two})",
                "one_twice": f"all_of({one}, {one})",
                "one_or_one": f"any_of({one}, {one})",
                "not_not_one": f"none_of(none_of({one}))",
            }
        )
        for day in days:
            everyone = found[day, "everyone"]
            members, others = found[day, "one"], found[day, "two"]
            assert found[day, "not_one"] == everyone - members
            assert found[day, "neither"] == everyone - members - others
            assert found[day, "neither"] == found[day, "not_one_and_not_two"]
            assert found[day, "both"] == members & others == found[day, "not_without"]
            assert found[day, "either"] == members | others
            for name in ("one_twice", "one_or_one", "not_not_one"):
                assert found[day, name] == members

    check()


def test_windows_nest_and_tile(calendar):
    @settings(as_examples, max_examples=EXAMPLES // 2)
    @given(calendar.worlds(), st.integers(1, 40), st.integers(1, 40))
    def check(world, shorter, further):
        _, days = calendar.load(world)
        longer = shorter + further
        event = "['purchase', 'view*', 'login']"
        kinds = {
            "performed": f"performed({event}, within_days=%d)",
            "first_performed": f"first_performed({event}, within_days=%d)",
            "in_order": f"performed_in_order([{event}, 'view'], within_days=%d)",
            "without": f"performed_without({event}, 'login', within_days=%d)",
        }
        texts = {
            f"{name}_{length}": text % length
            for name, text in kinds.items()
            for length in (shorter, longer)
        }
        texts["before"] = (
            f"performed({event}, within_days={longer}, until_days_ago={shorter})"
        )
        found = calendar.members(texts)
        for day in days:
            for name in kinds:
                assert found[day, f"{name}_{shorter}"] <= found[day, f"{name}_{longer}"]
            assert found[day, f"performed_{longer}"] == (
                found[day, f"performed_{shorter}"] | found[day, "before"]
            )

    check()


# Explanations


def does_not_hold_still(rule):
    """Whether a rule reads what an explanation holds as it is on the date."""
    return (
        rule.get("column") == "purchase_count_30d"
        or rule["rule"] in ("in_segment", "top_percent", "bottom_percent")
        or any(map(does_not_hold_still, rule.get("rules", [])))
    )


def test_an_explanation_knows_the_day_on_which_each_answer_changes(calendar):
    @settings(as_examples, max_examples=EXAMPLES // 2)
    @given(calendar.worlds(), st.lists(calendar.rules(), min_size=3, max_size=5))
    def check(world, written):
        written = [rule for rule in written if not does_not_hold_still(rule)]
        assume(written)
        evaluator, _ = calendar.load(world)
        day = calendar.last_day
        evaluator.events = [event for event in evaluator.events if event.date <= day]
        ahead = [day + timedelta(days=number) for number in range(367)]
        texts = [as_jinja(rule) for rule in written]
        expected = {
            f"rule_{number}": [evaluator.members(rule, one) for one in ahead]
            for number, rule in enumerate(written)
        }
        known = sorted(evaluator.population(day))
        for row in calendar.explanation(dict(zip(expected, texts, strict=True)), known):
            if row["node_path"] != "1":
                continue
            answers = [row["user_id"] in users for users in expected[row["segment"]]]
            assert row["is_true"] == answers[0]
            flips = [one for one, is_in in zip(ahead, answers, strict=True)
                     if is_in != answers[0]]  # fmt: skip
            # Longer windows are looked into further.
            if flips or not row["flips_on_date"] or row["flips_on_date"] <= ahead[-1]:
                assert row["flips_on_date"] == next(iter(flips), None)

    check()


def test_enough_cases_were_compared(rule_cases):
    """Last, when all the others of this file have run."""
    assert rule_cases.count >= CASES_AT_LEAST
