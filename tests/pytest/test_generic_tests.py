"""Each generic test of the project finds the fault that it is for, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

pytest_plugins = "dbt_project"

FILES = sorted(
    (Path(__file__).resolve().parents[2] / "tests" / "generic").glob("*.sql")
)


@dataclass(frozen=True)
class Case:
    """A test with its arguments, and rows on which it passes and on which it fails."""

    test: str
    columns: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    arguments: str = ""

    def __str__(self):
        return f"{self.test}({self.arguments})"


MEMBERS = "as_of_date, user_id, segmentation, segment"
SIZES = "as_of_date, segmentation, segment, user_count, min_size, is_current"
KNOWN = (
    "(select * from (values ('d1', 'ann'), ('d1', 'bob')) as t(as_of_date, user_id))"
)

CASES = [
    Case(
        "covers_population",
        MEMBERS,
        good=("('d1', 'ann', 's', 'a'), ('d1', 'bob', 's', 'b')",),
        bad=(
            "('d1', 'ann', 's', 'a')",
            "('d1', 'ann', 's', 'a'), ('d2', 'bob', 's', 'a')",
        ),
        arguments=f'population="{KNOWN}"',
    ),
    Case(
        "covers_population",
        MEMBERS,
        good=("('d1', 'ann', 's', 'a')",),
        bad=("('d1', 'bob', 's', 'a')",),
        arguments=f'population="{KNOWN}", condition="user_id = \'ann\'"',
    ),
    Case(
        "drift_is_calm",
        "as_of_date, segmentation, comparison, compared_as_of_date, "
        "population_stability_index, jensen_shannon_divergence, "
        "membership_stability_share, status, is_current",
        good=(
            "('d2', 's', 'previous', 'd1', 0.2, 0.03, 0.6, 'warn', true)",
            "('d1', 's', 'previous', 'd0', 0.9, 0.09, 0.1, 'alert', false)",
        ),
        bad=("('d2', 's', 'previous', 'd1', 0.9, 0.09, 0.1, 'alert', true)",),
        arguments="columns=['segmentation', 'population_stability_index']",
    ),
    Case(
        "exclusive_segments",
        MEMBERS,
        good=(
            "('d1', 'ann', 's', 'a'), ('d1', 'bob', 's', 'a')",
            "('d1', 'ann', 's', 'a'), ('d2', 'ann', 's', 'b')",
            "('d1', 'ann', 's', 'a'), ('d1', 'ann', 'other', 'b')",
        ),
        bad=(
            "('d1', 'ann', 's', 'a'), ('d1', 'ann', 's', 'b')",
            "('d1', 'ann', 's', 'a'), ('d1', 'ann', 's', 'a')",
        ),
    ),
    Case(
        "minimum_segment_size",
        SIZES,
        good=(
            "('d1', 's', 'a', 50, 50, true)",
            "('d1', 's', 'a', 49, 50, false)",
            "('d1', 's', 'a', 0, null, true)",
        ),
        bad=("('d1', 's', 'a', 49, 50, true)", "('d1', 's', 'a', 0, 1, true)"),
    ),
    Case(
        "minimum_segment_size",
        SIZES,
        good=("('d1', 's', 'a', 10, 50, true)", "('d1', 's', 'a', 10, null, true)"),
        bad=("('d1', 's', 'a', 9, 5, true)", "('d1', 's', 'a', 9, null, true)"),
        arguments="min_size=10",
    ),
    Case(
        "minimum_segment_size",
        SIZES,
        good=("('d1', 's', 'a', 0, 50, true)",),
        bad=(),
        arguments="min_size=0",
    ),
    Case(
        "no_unreadable_values",
        "source_table, unreadable_value_row_count, unreadable_json_row_count",
        good=("('events', 0, 0), ('users', 0, 0)",),
        bad=("('events', 1, 0)", "('events', 0, 0), ('users', 0, 1)"),
    ),
    Case(
        "not_null_columns",
        "a, b, c",
        good=("(1, 2, null)", "('', 0, 'x')"),
        bad=("(null, 2, 3)", "(1, 2, 3), (1, null, 3)"),
        arguments="columns=['a', 'b']",
    ),
    Case(
        "unique_key",
        "a, b, c",
        good=("(1, 2, 3), (1, 3, 3), (2, 2, 3)", "(1, 2, null)"),
        bad=("(1, 2, 3), (1, 2, 4)", "(1, null, 3)", "(null, 2, 3)"),
        arguments="columns=['a', 'b']",
    ),
    Case(
        "within_overlap_budget",
        "as_of_date, segmentation, segment, other_segmentation, other_segment, "
        "overlap_share, max_share, is_over_budget",
        good=("('d1', 's', 'a', 't', 'b', 0.5, 0.5, false)",),
        bad=("('d1', 's', 'a', 't', 'b', 0.51, 0.5, true)",),
    ),
    *(
        Case(
            "within_size_limits",
            "as_of_date, segmentation, segment, measure, value, warn_limit, "
            "error_limit, comment, status",
            good=(
                "('d1', 's', 'a', 'user_count', 9, 5, 2, 'few', 'ok')",
                f"('d1', 's', 'a', 'user_count', 9, 5, 2, 'few', '{other}')",
            ),
            bad=(f"('d1', 's', 'a', 'user_count', 1, 5, 2, 'few', '{level}')",),
            arguments=f"level='{level}'",
        )
        for level, other in [("warn", "error"), ("error", "warn")]
    ),
]


@pytest.fixture(scope="module")
def failures(parsed_project):
    """Return what gives the rows that a test finds in a tiny table."""
    connection = duckdb.connect()

    def find(case, values):
        given = f"(select * from (values {values}) as t({case.columns}))"
        sql = parsed_project.rendered(
            f"{{{{ user_segmentation.test_{case.test}"
            f"(model={given!r}{', ' if case.arguments else ''}{case.arguments}) }}}}"
        )
        return connection.execute(sql).fetchall()

    return find


@pytest.mark.parametrize("case", CASES, ids=str)
def test_passes_where_there_is_no_fault(case, failures):
    for values in case.good:
        assert failures(case, values) == [], values


@pytest.mark.parametrize("case", [case for case in CASES if case.bad], ids=str)
def test_fails_where_there_is_a_fault(case, failures):
    for values in case.bad:
        assert len(failures(case, values)) == 1, values


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_generic_test_has_a_case_in_which_it_must_fail(file):
    assert any(case.test == file.stem and case.bad for case in CASES)
