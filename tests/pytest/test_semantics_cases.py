"""The written meaning of rules: events in, rule, members out.

The cases stand in `semantics/*.yml`; semantics/README.md says how one is written. A
rule's members are compared as whole sets, so everyone else must be out, and with each
rule its `none_of` is held against it: the two split the population.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from compiled_project import (
    READ_WHILE_PARSING,
    RULE_INPUTS,
    CompilationError,
    CompiledProject,
    Segmentation,
)
from raw_contract import CONTRACT

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "semantics"
KEYS = (
    "case",
    "time_zone",
    "as_of_date",
    "variables",
    "events",
    "users",
    "rule",
    "rules",
    "segmentation",
    "population",
    "assignment",
    "otherwise",
    "members",
)
AS_OF_DATE = "2026-06-30"
DEFAULTS = {
    "time_zone": "UTC",
    "as_of_date": AS_OF_DATE,
    "snapshot_cadence": "day",
    "snapshot_count": 1,
    # Late enough that no event is rejected for being later than its load.
    "load_date": "2100-01-01",
}
PROJECT_VARIABLES = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"][
    "user_segmentation"
]
COMPLEMENT = "complement_of_"
RELATIVE_DAY = re.compile(r"^D([+-]\d+)?(?= |$)")


class CaseError(Exception):
    """A case that is not written as semantics/README.md says; the text names it."""


@dataclass(frozen=True)
class Case:
    place: str
    """The file and the sentence that name it."""
    variables: dict
    events: list[dict]
    users: list[dict]
    segmentation: Segmentation | str
    """Rules, or the name of a segmentation of the project."""
    dates: set
    """The dates that there are."""
    members: dict
    """The users of each segment that has any, by date and name of the segment."""

    def __str__(self):
        return self.place

    @property
    def setting(self):
        return json.dumps(self.variables, sort_keys=True, default=str)


# Reading


def read_cases(name, text):
    """The cases of one file."""
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CaseError(f"{name}: no readable YAML: {error}") from error
    if not isinstance(given, list) or not given:
        raise CaseError(f"{name}: is no list of cases")
    cases = [read_case(name, number, entry) for number, entry in enumerate(given, 1)]
    places = [case.place for case in cases]
    for place in places:
        if places.count(place) > 1:
            raise CaseError(f"{place}: another case has the same sentence")
    return cases


def read_case(name, number, given):
    """One case, checked."""
    if not isinstance(given, dict) or not isinstance(given.get("case"), str):
        raise CaseError(f"{name}, case {number}: needs a sentence under `case`")
    place = f"{name}: {given['case']}"
    expect_keys(place, given, KEYS)
    if len([key for key in ("rule", "rules", "segmentation") if key in given]) != 1:
        raise CaseError(f"{place}: needs one of rule, rules and segmentation")
    if "rules" not in given and ("assignment" in given or "otherwise" in given):
        raise CaseError(f"{place}: assignment and otherwise go with rules")
    variables = read_variables(place, given)
    day = variables["as_of_date"] and date.fromisoformat(variables["as_of_date"])
    events = read_table(place, "events", given.get("events"), day)
    if not events:
        raise CaseError(f"{place}: needs an event: without any there is no date")
    for row_number, event in enumerate(events, 1):
        event.setdefault("event_id", f"e{row_number}")
    users = read_table(place, "users", given.get("users"), day)
    segmentation = read_segmentation(place, given)
    known = {
        row.get(column)
        for row in events + users
        for column in ("user_id", "anonymous_id")
    }
    dates, members = read_members(place, given, segmentation, day, known)
    return Case(place, variables, events, users, segmentation, dates, members)


def expect_keys(place, given, allowed):
    if unknown := [str(key) for key in given if key not in allowed]:
        raise CaseError(
            f"{place}: unknown {', '.join(unknown)}; allowed: {', '.join(allowed)}"
        )


def read_variables(place, given):
    """The values of all variables that a case depends on."""
    others = given.get("variables", {})
    if not isinstance(others, dict):
        raise CaseError(f"{place}: variables: needs names and values")
    allowed = [name for name in PROJECT_VARIABLES if name not in READ_WHILE_PARSING]
    expect_keys(f"{place}: variables", others, allowed)
    own = {name: given[name] for name in ("time_zone", "as_of_date") if name in given}
    variables = DEFAULTS | others | own
    if variables["as_of_date"] is not None:
        variables["as_of_date"] = str(variables["as_of_date"])
        try:
            date.fromisoformat(variables["as_of_date"])
        except ValueError as error:
            raise CaseError(f"{place}: as_of_date: {error}") from error
    return variables


def read_table(place, table, text, day):
    """The rows of a table: a line of names of columns, then lines of cells."""
    if text is None:
        return []
    place = f"{place}: {table}"
    if not isinstance(text, str):
        raise CaseError(f"{place}: needs a text, `{table}: |`, with a line per row")
    lines = [
        [cell.strip() for cell in line.split("|")]
        for line in text.splitlines()
        if line.strip()
    ]
    header, *rows = lines or [[]]
    contract = CONTRACT[table]
    expect_keys(place, header, contract)
    found = []
    for cells in rows:
        if len(cells) != len(header):
            raise CaseError(
                f"{place}: {' | '.join(cells)}: has {len(cells)} cells, the first line "
                f"names {len(header)} columns"
            )
        found.append(
            {
                column: read_cell(place, contract[column], cell, day)
                for column, cell in zip(header, cells, strict=True)
            }
        )
    return found


def read_cell(place, kind, cell, day):
    """The raw text of a cell, or None for a missing value."""
    if not cell:
        return None
    if cell.startswith('"'):
        try:
            return json.loads(cell)
        except ValueError as error:
            raise CaseError(f"{place}: {cell}: no text of JSON: {error}") from error
    relative = RELATIVE_DAY.match(cell)
    if kind not in ("timestamp", "date") or not relative:
        return cell
    if day is None:
        raise CaseError(f"{place}: {cell}: there is no D without as_of_date")
    return str(day + timedelta(days=int(relative[1] or 0))) + cell[relative.end() :]


def read_segmentation(place, given):
    """What the case evaluates."""
    if "segmentation" in given:
        name = given["segmentation"]
        allowed = PROJECT_VARIABLES["segmentations"]
        if name not in allowed:
            raise CaseError(
                f"{place}: there is no segmentation {name}; allowed, by the variable "
                f"segmentations: {', '.join(allowed)}"
            )
        if "population" in given:
            raise CaseError(f"{place}: the population of {name} stands in its model")
        return name
    rules = {"matching": given["rule"]} if "rule" in given else given["rules"]
    if not isinstance(rules, dict) or not all(
        isinstance(text, str) for text in [*rules, *rules.values()]
    ):
        raise CaseError(f"{place}: a rule is a text, as it stands in a model")
    return Segmentation(
        rules,
        given.get("population"),
        given.get("assignment", "overlapping"),
        given.get("otherwise"),
    )


def read_members(place, given, segmentation, day, known):
    """The expected dates, and the users of each segment that has any."""
    members = given.get("members")
    if "rule" in given:
        if day and not isinstance(members, dict):
            members = {day: members}
        if not isinstance(members, dict) or not all(
            isinstance(key, date) for key in members
        ):
            raise CaseError(f"{place}: members: needs a list of users, or one by date")
        by_segment = {(key, "matching"): users for key, users in members.items()}
    else:
        if not day or not isinstance(members, dict):
            raise CaseError(f"{place}: members: needs a list of users by segment")
        if isinstance(segmentation, Segmentation):
            names = [*segmentation.rules]
            names += [segmentation.otherwise] if segmentation.otherwise else []
            expect_keys(f"{place}: members", members, names)
            if missing := [name for name in names if name not in members]:
                raise CaseError(f"{place}: members: none of {', '.join(missing)}")
        by_segment = {(day, key): users for key, users in members.items()}
    found = {}
    for key, users in by_segment.items():
        if not isinstance(users, list) or not all(isinstance(u, str) for u in users):
            raise CaseError(f"{place}: members: {users} is no list of texts")
        if unknown := [user for user in users if user not in known]:
            names = ", ".join(unknown)
            raise CaseError(
                f"{place}: members: {names} is in no row of events or users"
            )
        if users:
            found[key] = set(users)
    return {key[0] for key in by_segment} or {day}, found


def every_case():
    """The cases of all files, or for a file the error that it has."""
    found = []
    for file in sorted(FOLDER.glob("*.yml")):
        try:
            found += read_cases(file.stem, file.read_text(encoding="utf-8"))
        except CaseError as error:
            found.append(error)
    return found


# Running


class Answers:
    """The members of cases: one compilation for all that have the same variables."""

    def __init__(self, project, cases):
        self.project = project
        self.cases = cases
        self.compiled = {}
        self.sql = {}

    def of(self, case):
        """The users of each segment that has any, and everyone on each date."""
        if case.setting not in self.compiled:
            self.compile(case)
        compiled = self.compiled[case.setting]
        if isinstance(self.sql[case.place], CompilationError):
            pytest.fail(f"{self.sql[case.place]}", pytrace=False)
        compiled.load(case.events, case.users)
        population = {
            row["as_of_date"]: set()
            for row in compiled.query("select * from intermediate.int_as_of_dates")
        }
        for row in compiled.query("select as_of_date, user_id from facts.user_facts"):
            population[row["as_of_date"]].add(row["user_id"])
        return compiled.members(self.sql[case.place]), population

    def compile(self, case):
        cases = [other for other in self.cases if other.setting == case.setting]
        texts = str([other.segmentation for other in cases])
        named = [
            f"seg_{name}" for name in PROJECT_VARIABLES["segmentations"] if name in texts
        ]
        compiled = CompiledProject(
            self.project, (*RULE_INPUTS, *named), **case.variables
        )
        self.compiled[case.setting] = compiled
        written = []
        for other in cases:
            if isinstance(other.segmentation, str):
                model = f"seg_{other.segmentation}"
                self.sql[other.place] = compiled.sql_of_model(model)
            else:
                written.append(other)
        if written:
            self.sql |= compiled_each(compiled, written)

    def close(self):
        for compiled in self.compiled.values():
            compiled.close()


def compiled_each(compiled, cases):
    """The SQL of each case, or the error of one that can not be compiled.

    After an error the halves are tried alone, until only the faulty cases are left.
    """
    segmentations = [with_complements(case.segmentation) for case in cases]
    try:
        sql = compiled.sql_of_many(segmentations)
        return dict(zip((case.place for case in cases), sql, strict=True))
    except CompilationError as error:
        faulty = error
    if len(cases) == 1:
        return {cases[0].place: faulty}
    middle = len(cases) // 2
    first, second = cases[:middle], cases[middle:]
    return compiled_each(compiled, first) | compiled_each(compiled, second)


def with_complements(segmentation):
    """The segmentation with a further segment for the complement of each rule."""
    if segmentation.assignment != "overlapping":
        return segmentation
    complements = {
        COMPLEMENT + name: f"none_of({rule})"
        for name, rule in segmentation.rules.items()
    }
    return Segmentation(segmentation.rules | complements, segmentation.population)


CASES = every_case()


@pytest.fixture(scope="module")
def answers(whole_project):
    found = Answers(whole_project, [case for case in CASES if isinstance(case, Case)])
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_holds_for_exactly_the_users_that_its_meaning_says(case, answers):
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    found, population = answers.of(case)
    assert set(population) == case.dates
    complements = {
        key: users for key, users in found.items() if key[1].startswith(COMPLEMENT)
    }
    members = {key: users for key, users in found.items() if key not in complements}
    assert shown(members) == shown(case.members)
    if isinstance(case.segmentation, Segmentation):
        assert_complements_split(case.segmentation, members, complements, population)


def shown(members):
    return {
        f"{day} {name}": sorted(users) for (day, name), users in sorted(members.items())
    }


def assert_complements_split(segmentation, members, complements, population):
    """Each rule and its `none_of` share nobody and are together the population."""
    if segmentation.assignment != "overlapping":
        return
    for day, everyone in population.items():
        together = []
        for name in segmentation.rules:
            inside = members.get((day, name), set())
            outside = complements.get((day, COMPLEMENT + name), set())
            assert not inside & outside, f"{name} and its complement"
            together.append(inside | outside)
        considered = together[0] if segmentation.population else everyone
        assert all(users == considered for users in together)


def test_there_are_cases_for_every_kind_of_rule():
    texts = " ".join(
        text
        for case in CASES
        if isinstance(case, Case) and isinstance(case.segmentation, Segmentation)
        for text in case.segmentation.rules.values()
    )
    macros = {file.stem for file in (ROOT / "macros" / "rules").glob("[a-z]*.sql")}
    no_rules = {"segment", "segmentation", "hand_written_segmentation"}
    assert [name for name in sorted(macros - no_rules) if f"{name}(" not in texts] == []


# The format

WELL = {
    "case": "Buys",
    "events": "user_id | event_name | occurred_at\nann | purchase | D",
    "rule": "performed('purchase')",
    "members": ["ann"],
}


def case_of(**changes):
    """A case that is well but for changes; a key with the value ... is left out."""
    given = {key: value for key, value in (WELL | changes).items() if value is not ...}
    [case] = read_cases("page", yaml.safe_dump([given]))
    return case


def test_a_case_is_read_as_it_is_written():
    case = case_of(
        as_of_date=date(2026, 3, 1),
        time_zone="Asia/Kolkata",
        variables={"snapshot_count": 2},
        events="""
            user_id | occurred_at  | city | country  | properties
            ann     | D-1 23:59:59 | ""   |          | {"a": "D"}

            bob     | D+1          | D    | "\\u007c" |
        """,
    )
    assert case.place == "page: Buys"
    assert case.variables == DEFAULTS | {
        "as_of_date": "2026-03-01",
        "time_zone": "Asia/Kolkata",
        "snapshot_count": 2,
    }
    assert case.events == [
        {
            "event_id": "e1",
            "user_id": "ann",
            "occurred_at": "2026-02-28 23:59:59",
            "city": "",
            "country": None,
            "properties": '{"a": "D"}',
        },
        {
            "event_id": "e2",
            "user_id": "bob",
            "occurred_at": "2026-03-02",
            "city": "D",
            "country": "|",
            "properties": None,
        },
    ]
    assert case.members == {(date(2026, 3, 1), "matching"): {"ann"}}


def test_the_readme_has_a_case_and_every_key():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    [case] = read_cases("README", example)
    assert case.members == {(date(2026, 6, 30), "matching"): {"ann"}}
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert [key for key in KEYS if f"`{key}`" not in " ".join(rows)] == []


def test_members_may_stand_by_date_or_by_segment():
    by_date = case_of(members={date(2026, 6, 29): [], date(2026, 6, 30): ["ann"]})
    assert by_date.members == {(date(2026, 6, 30), "matching"): {"ann"}}
    assert by_date.dates == {date(2026, 6, 29), date(2026, 6, 30)}
    by_segment = case_of(
        rule=...,
        rules={"a": "everyone()", "b": "none_of(everyone())"},
        members={"a": ["ann"], "b": []},
    )
    assert by_segment.members == {(date(2026, 6, 30), "a"): {"ann"}}
    shipped = case_of(rule=..., segmentation="lifecycle", members={"new": ["ann"]})
    assert shipped.members == {(date(2026, 6, 30), "new"): {"ann"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"case": ...}, "page, case 1: needs a sentence under `case`"),
        ({"membres": []}, "page: Buys: unknown membres; allowed: case, time_zone, "),
        ({"rule": ...}, "page: Buys: needs one of rule, rules and segmentation"),
        ({"rules": {"a": "everyone()"}}, "needs one of rule, rules and segmentation"),
        ({"rule": ["everyone()"]}, "a rule is a text"),
        ({"otherwise": "others"}, "assignment and otherwise go with rules"),
        ({"events": ...}, "needs an event"),
        ({"events": ["a"]}, "events: needs a text"),
        (
            {"events": "user_id | evnt\nann | a"},
            "events: unknown evnt; allowed: event_id, event_name, ",
        ),
        ({"events": "user_id | city\nann"}, "events: ann: has 1 cells, the first line"),
        ({"events": 'user_id\n"ann'}, 'events: "ann: no text of JSON'),
        ({"users": "user_id | event_name\nann | a"}, "users: unknown event_name"),
        ({"members": ["ann", "bob"]}, "members: bob is in no row of events or users"),
        ({"members": [True]}, "members: [True] is no list of texts"),
        ({"members": ...}, "members: None is no list of texts"),
        ({"members": {"a": ["ann"]}}, "members: needs a list of users, or one by date"),
        (
            {"rule": ..., "rules": {"a": "everyone()"}},
            "members: needs a list of users by segment",
        ),
        (
            {"rule": ..., "rules": {"a": "everyone()"}, "members": {"b": []}},
            "members: unknown b; allowed: a",
        ),
        (
            {"rule": ..., "rules": {"a": "x", "b": "x"}, "members": {"b": []}},
            "members: none of a",
        ),
        (
            {"rule": ..., "segmentation": "lifecycel", "members": {"new": []}},
            "there is no segmentation lifecycel; allowed, by the variable ",
        ),
        (
            {"rule": ..., "segmentation": "lifecycle", "population": "everyone()"},
            "the population of lifecycle stands in its model",
        ),
        ({"as_of_date": "2026-02-30"}, "as_of_date: day is out of range"),
        ({"as_of_date": None}, "events: D: there is no D without as_of_date"),
        ({"variables": ["a"]}, "variables: needs names and values"),
        ({"variables": {"time_zon": "UTC"}}, "variables: unknown time_zon; allowed: "),
        ({"variables": {"segmentations": []}}, "variables: unknown segmentations"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_case_that_is_not_well_written_is_an_error(changes, message):
    with pytest.raises(CaseError, match=re.escape(message)):
        case_of(**changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- case: [", "page: no readable YAML"),
        ("case: Buys", "page: is no list of cases"),
        ("", "page: is no list of cases"),
        (
            yaml.safe_dump([WELL, WELL]),
            "page: Buys: another case has the same sentence",
        ),
    ],
)
def test_a_file_that_is_not_well_written_is_an_error(text, message):
    with pytest.raises(CaseError, match=re.escape(message)):
        read_cases("page", text)


def test_a_rule_that_can_not_be_compiled_leaves_the_other_cases_alone(whole_project):
    rules = {
        "well": "everyone()",
        "misspelt": "perfromed('purchase')",
        "below 0": "performed('purchase', at_least=-1)",
        "well, too": "performed('purchase')",
    }
    cases = [case_of(case=name, rule=rule) for name, rule in rules.items()]
    answers = Answers(whole_project, cases)
    for case in cases:
        if case.place.endswith(("well", "well, too")):
            members, _ = answers.of(case)
            assert members[date(2026, 6, 30), "matching"] == {"ann"}
        else:
            with pytest.raises(pytest.fail.Exception, match="this is no rule|at_least"):
                answers.of(case)
    answers.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"members": []},
        {"rule": "performed('login')"},
        {"members": {date(2026, 6, 29): [], date(2026, 6, 30): ["ann"]}},
    ],
    ids=["one too many", "one missing", "a date too few"],
)
def test_a_case_with_wrong_members_fails(whole_project, changes):
    case = case_of(**changes)
    answers = Answers(whole_project, [case])
    with pytest.raises(AssertionError):
        test_a_rule_holds_for_exactly_the_users_that_its_meaning_says(case, answers)
    answers.close()
