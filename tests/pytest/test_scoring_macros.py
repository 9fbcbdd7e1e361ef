"""Macros that score users: values by literals, misuse, and cells folded in random worlds.

Where cells fold is computed once more on a tree of plain tuples.
"""

import math
from collections import Counter

import duckdb
import pytest
from folding import folded
from hypothesis import given, settings
from hypothesis import strategies as st

pytest_plugins = "dbt_project"

SEPARATOR = "---- the next expression"
VALUES = {
    # expression: what it is
    "bounded_exp('0')": 1.0,
    "bounded_exp('-1.5')": math.exp(-1.5),
    "bounded_exp('50')": math.exp(50),
    "bounded_exp('1e6')": math.exp(50),
    "bounded_exp('-50')": math.exp(-50),
    "bounded_exp('-1e6')": math.exp(-50),
    "bounded_exp('cast(null as double)')": None,
    "standardised('7.0', '1.0', '3.0')": 2.0,
    "standardised('-2.0', '1.0', '3.0')": -1.0,
    "standardised('7.0', '7.0', '0.0')": 0.0,
    "standardised('7.0', '1.0', '0.0')": 0.0,
    "standardised('cast(null as double)', '1.0', '3.0')": None,
    "standardised('7.0', 'cast(null as double)', '3.0')": None,
    "standardised('7.0', '1.0', 'cast(null as double)')": None,
    "cell_value(\"'Male'\")": "male",
    "cell_value(\"'New York, (NY)/US'\")": "new_york___ny__us",
    "cell_value(\"'ß 漢字'\")": "ß_漢字",
    "cell_value(\"'(other)'\")": "_other_",
    "cell_value(\"''\")": "(unknown)",
    "cell_value('cast(null as varchar)')": "(unknown)",
}


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def test_values_are_what_the_descriptions_say(parsed_project, connection):
    code = SEPARATOR.join(f"select {{{{ {expression} }}}}" for expression in VALUES)
    statements = parsed_project.rendered(code).split(SEPARATOR)
    found = {
        expression: connection.execute(statement).fetchone()[0]
        for expression, statement in zip(VALUES, statements, strict=True)
    }
    assert found == {
        expression: pytest.approx(value) if isinstance(value, float) else value
        for expression, value in VALUES.items()
    }


def test_a_fitted_seed_becomes_one_row(parsed_project, connection):
    features = parsed_project.rendered("{{ feature_columns() | join(' ') }}").split()
    connection.execute(
        "create or replace temp table seed as"
        f" select * from (values ('{features[0]}', 1.5), ('{features[-1]}', -2.0))"
        " as lines (feature, mean)"
    )
    code = "select {{ pivoted_features('mean', suffix='_mean') }} from seed"
    result = connection.execute(parsed_project.rendered(code))
    names = [column[0] for column in result.description]
    assert names == [f"{name}_mean" for name in features]
    found = dict(zip(features, result.fetchone(), strict=True))
    assert found == dict.fromkeys(features) | {features[0]: 1.5, features[-1]: -2.0}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            "'crossed', ['a'], 0",
            "folded_cells(minimum=): given 0; allowed is a whole number from 1.",
        ),
        ("'crossed', ['a'], 2.5", "folded_cells(minimum=): given 2.5; allowed is"),
        ("'crossed', ['a'], true", "folded_cells(minimum=): given true; allowed is"),
        ("'crossed', ['a'], '5'", 'folded_cells(minimum=): given "5"; allowed is'),
        (
            "'crossed', [], 5",
            "folded_cells(columns=): given []; allowed is a list of different names of "
            "columns, not empty.",
        ),
        ("'crossed', 'a', 5", 'folded_cells(columns=): given "a"; allowed is'),
        ("'crossed', ['a', 'a'], 5", 'folded_cells(columns=): given ["a", "a"]; '),
        ("'crossed', ['a', 1], 5", 'folded_cells(columns=): given ["a", 1]; allowed'),
    ],
)
def test_what_folded_cells_can_not_do_is_said(arguments, message, parsed_project):
    answer = parsed_project.compile(f"{{{{ folded_cells({arguments}) }}}}")
    assert not answer.succeeded
    assert message in " ".join(answer.error.split())


# Mistakes in the lists at the top of models

LOOKALIKES = "seg_lookalike, segment 'like', lookalikes"
LISTS = {
    # file: list in it, what is said
    "no list": ("lookalikes", "{}", "(lookalikes=): given {}; allowed is a list of"),
    "empty": ("lookalikes", "[]", "(lookalikes=): given []; allowed is a list of"),
    "no dictionary": (
        "lookalikes",
        "['like']",
        '(lookalikes=): given "like"; allowed is a dictionary with segment, model,',
    ),
    "name": (
        "lookalikes",
        "[{'segment': 'Like me', 'model': 'seg_rfm', 'of_segment': 'lost', "
        "'top_percent': 5}]",
        '(segment=): given "Like me"; allowed is a name in lower_snake_case',
    ),
    "model": (
        "lookalikes",
        "[{'segment': 'like', 'model': 'seg_rmf', 'of_segment': 'lost', "
        "'top_percent': 5}]",
        f'{LOOKALIKES}(model=): given "seg_rmf"; allowed is a segmentation of the',
    ),
    "itself": (
        "lookalikes",
        "[{'segment': 'like', 'model': 'seg_lookalike', 'of_segment': 'like', "
        "'top_percent': 5}]",
        f'{LOOKALIKES}(model=): given "seg_lookalike"; allowed is another segmentation',
    ),
    "segment": (
        "lookalikes",
        "[{'segment': 'like', 'model': 'seg_lifecycle', 'of_segment': 'loyal', "
        "'top_percent': 5}]",
        f'{LOOKALIKES}(segment=): given "loyal"; allowed is a segment of seg_lifecycle',
    ),
    "percent": (
        "lookalikes",
        "[{'segment': 'like', 'model': 'seg_rfm', 'of_segment': 'lost', "
        "'top_percent': 0}]",
        f"{LOOKALIKES}(top_percent=): given 0; allowed is a number above 0, up to 100.",
    ),
    "no dimensions": (
        "dimensions",
        "[]",
        "(dimensions=): given []; allowed is a list of different names, not empty.",
    ),
    "twice": (
        "dimensions",
        "['gender', 'gender']",
        '(dimensions=): given ["gender", "gender"]; allowed is a list of different',
    ),
    "switched off": (
        "dimensions",
        "['seg_lifecylce', 'gender']",
        '(model=): given "seg_lifecylce"; allowed is a segmentation of the variable',
    ),
    "overlapping": (
        "dimensions",
        "['gender', 'seg_engagement']",
        '(dimensions=): given "seg_engagement"; allowed is an exclusive segmentation:',
    ),
    "no fact": (
        "dimensions",
        "['gendre']",
        '(column=): given "gendre"; allowed is a column of user_facts:',
    ),
    "a number": (
        "dimensions",
        "['age_years']",
        '(dimensions=): given "age_years"; allowed is a column of user_facts with text; '
        "this one has the type integer.",
    ),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_mistake_in_a_list_names_it(case, parsed_project):
    name, given_list, message = LISTS[case]
    model = {"lookalikes": "lookalike", "dimensions": "microsegment"}[name]
    answer = parsed_project.compile(
        f"{{{{ user_segmentation._check_{name}('seg_{model}', {given_list}) }}}}"
    )
    assert not answer.succeeded
    assert f"seg_{model}" in answer.error
    assert message in " ".join(answer.error.split())


def test_dimensions_that_are_segmentations_are_told(parsed_project):
    dimensions = "['seg_lifecycle', 'gender', 'seg_rfm']"
    found = parsed_project.rendered(
        f"{{{{ user_segmentation._check_dimensions('seg_x', {dimensions}) }}}}"
    )
    assert found == "['seg_lifecycle', 'seg_rfm']"


# Cells in random worlds

MOST_COLUMNS = 4
COLUMNS = ["first", "second", "third", "fourth"]


@pytest.fixture(scope="module")
def folding(parsed_project):
    """The SQL by number of columns, with a minimum of 1,234,567 to be replaced."""
    code = SEPARATOR.join(
        f"{{{{ folded_cells('crossed', {COLUMNS[:count]}, 1234567) }}}}"
        for count in range(1, MOST_COLUMNS + 1)
    )
    return parsed_project.rendered(code).split(SEPARATOR)


@st.composite
def worlds(draw):
    count = draw(st.integers(1, MOST_COLUMNS))
    values = st.sampled_from(["a", "b", "c", "(unknown)"])
    users = draw(
        st.lists(st.tuples(*[values] * count), min_size=1, max_size=40)
    )
    return users, draw(st.integers(1, 9))


@settings(deadline=None, max_examples=300)
@given(world=worlds())
def test_users_are_folded_as_on_a_tree(world, folding, connection):
    users, minimum = world
    count = len(users[0])
    columns = COLUMNS[:count]
    connection.execute(
        "create or replace temp table crossed"
        f" (as_of_date date, {', '.join(f'{name} varchar' for name in columns)})"
    )
    # The same people on an earlier date, each twice, must change nothing.
    rows = [("2026-06-30", *user) for user in users]
    rows += [("2026-06-28", *user) for user in users for _ in range(2)]
    marks = ", ".join("?" * (count + 1))
    connection.executemany(f"insert into crossed values ({marks})", rows)
    sql = folding[count - 1].replace("1234567", str(minimum))
    result = connection.execute(
        f"select {', '.join(columns)}, segment from ({sql}) where as_of_date ="
        " '2026-06-30'"
    ).fetchall()
    found = {tuple(row[:-1]): row[-1] for row in result}

    assert len(result) == len(found), "a cell is in two segments"
    assert set(found) == set(users)
    sizes = Counter(found[user] for user in users)
    if len(users) >= minimum:
        assert min(sizes.values()) >= minimum
    else:
        assert sizes == {"(other)": len(users)}
    for cell, segment in found.items():
        own = [" / ".join(cell)] + [
            " / ".join([*cell[:kept], "(other)"]) for kept in range(count)
        ]
        assert segment in own
    assert [found[user] for user in users] == folded(users, minimum)


@pytest.mark.parametrize(
    "users, minimum, expected",
    [
        # Below the minimum together: all in one.
        ([("a", "x")] * 2, 3, {"(other)": 2}),
        # On the minimum nothing folds.
        ([("a", "x")] * 3, 3, {"a / x": 3}),
        # Two small cells make a large rest.
        (
            [("a", "x")] * 2 + [("a", "y")] * 2 + [("a", "z")] * 4,
            3,
            {"a / (other)": 4, "a / z": 4},
        ),
        # One small cell takes the smallest with it, of ties the first name.
        (
            [("a", "x")] * 1 + [("a", "y")] * 3 + [("a", "z")] * 3,
            3,
            {"a / (other)": 4, "a / z": 3},
        ),
        # Without a sibling it goes up, and takes the smallest of all there.
        (
            [("a", "x")] * 1 + [("b", "x")] * 3 + [("b", "y")] * 4,
            3,
            {"(other)": 4, "b / y": 4},
        ),
    ],
)
def test_cells_fold_as_in_the_description(users, minimum, expected):
    assert Counter(folded(users, minimum)) == expected
