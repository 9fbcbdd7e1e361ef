"""What the project would execute on warehouses that no test can connect to.

A whole build is rendered by dbt with the adapter of each warehouse, a first one and one
that adds to it, in a time zone and with people who are linked: models, data tests, DDL
and DML (warehouse_stand_in.py). Every statement has to parse in the dialect of the
warehouse, and to call no function and name no type that it does not know. Nothing is
executed: whether results are the same is for test_engine_parity.py, where it can be.
"""

import logging
import os
import re
from importlib.util import find_spec

import pytest
import yaml

from warehouses import WAREHOUSES

pytest_plugins = "dbt_project"

HAS_SQLGLOT = find_spec("sqlglot") is not None
ASKED_FOR = "USER_SEGMENTATION_WAREHOUSES" in os.environ
"""Whether a warehouse whose adapter is missing is an error."""
STATES = {"first": False, "later": True}
VARIABLES = {"load_date": "2100-01-01", "time_zone": "America/Los_Angeles"}
BINDING = re.compile(r"%s")
"""The place of a value of a seed, which the driver fills."""
LEAST_STATEMENTS = 1000


@pytest.fixture(scope="module", params=WAREHOUSES, ids=lambda found: found.name)
def warehouse(request):
    if not HAS_SQLGLOT or find_spec(f"dbt.adapters.{request.param.name}") is None:
        reason = f"dbt-{request.param.name} or sqlglot is not installed"
        (pytest.fail if ASKED_FOR else pytest.skip)(
            f"{reason} (requirements-warehouses.txt)"
        )
    return request.param


@pytest.fixture(scope="module")
def statements(warehouse, copy_project):
    """Every statement of two builds, each with where it comes from."""
    from warehouse_stand_in import StandIn

    project = copy_project(
        warehouse.name, raw_schema="landing", identifiers=["email", "anonymous_id"]
    )
    outputs = {"stand_in": warehouse.profile}
    profile = {"user_segmentation": {"target": "stand_in", "outputs": outputs}}
    project.write("profiles.yml", yaml.safe_dump(profile))
    project.target = "stand_in"
    project.parse()
    found = []
    for state, is_built in STATES.items():
        answer, by_node = StandIn(warehouse.name, is_built).build(project, **VARIABLES)
        assert answer.succeeded, answer.error
        found += [
            (f"{node}, {state} build", BINDING.sub("null", sql))
            for node, executed in by_node.items()
            for sql in executed
        ]
    return found


def test_every_statement_parses(warehouse, statements, closing_lines):
    import sqlglot

    # It warns of commands that it takes as they are; adapters ask for some.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    wrong, count = [], 0
    unread = re.compile("|".join(warehouse.unread) or "(?!)")
    for place, sql in statements:
        if unread.match(sql.strip()):
            continue
        try:
            parsed = sqlglot.parse(
                sql, dialect=warehouse.name, error_level=sqlglot.ErrorLevel.RAISE
            )
        except sqlglot.ParseError as error:
            wrong.append(f"{place}: {error}")
            continue
        count += len([statement for statement in parsed if statement])
    assert not wrong, "\n".join(wrong)
    assert count >= LEAST_STATEMENTS
    closing_lines.append(
        f"{warehouse.name}: {count:,} statements parsed, none executed"
    )


def test_every_function_and_type_is_one_of_the_warehouse(warehouse, statements):
    # In the columns of a table a type has a bracket, too.
    known = {
        "functions": warehouse.functions | warehouse.types,
        "types": warehouse.types,
    }
    found = {}
    for place, sql in statements:
        for kind, name in words_of(warehouse.name, sql):
            found.setdefault((kind, name), place)
    unknown = {
        word: place for word, place in found.items() if word[1] not in known[word[0]]
    }
    assert unknown == {}
    assert {("functions", "count"), ("types", "date")} <= found.keys()


@pytest.mark.parametrize(
    "sql",
    ["select arg_max(a, b) from t", "select list_contains(a, 1), count(*) from t"],
)
def test_a_function_of_duckdb_alone_is_found(warehouse, sql):
    names = {name for kind, name in words_of(warehouse.name, sql)}
    assert names - warehouse.functions in ({"arg_max"}, {"list_contains"})


def words_of(dialect, sql):
    """The functions that are called, and the types of casts, in small letters.

    From the tokens and not from what they are parsed to, where a function of any
    dialect is known: a name right before a bracket, the word behind `as` in a cast.
    """
    from sqlglot import Dialect
    from sqlglot.tokens import TokenType

    tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    open_calls, before, words = [], None, []
    for token in tokens:
        text = token.text.lower()
        if token.token_type is TokenType.L_PAREN:
            is_call = (
                before is not None
                and before.end + 1 == token.start
                and re.fullmatch(r"[a-z_][a-z_0-9]*", before.text.lower())
                and before.token_type is not TokenType.STRING
            )
            open_calls.append(before.text.lower() if is_call else "")
            is_type = words and words[-1] == ("types", open_calls[-1])
            if is_call and not is_type:
                words.append(("functions", open_calls[-1]))
        elif token.token_type is TokenType.R_PAREN:
            open_calls.pop()
        elif (
            before is not None
            and before.token_type is TokenType.ALIAS
            and open_calls
            and open_calls[-1].endswith("cast")
        ):
            words.append(("types", text))
        before = token
    return words
