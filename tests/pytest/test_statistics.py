"""Macros of statistics against the standard library, sums of their own and print.

Nothing that is expected is computed by the project: distributions come from the
standard library or are integrated here, and published values are written down.
"""

import math
from statistics import NormalDist

import duckdb
import pytest

pytest_plugins = "dbt_project"

SEPARATOR = "---- the next expression"
EXPRESSIONS = {
    "normal_quantile": "normal_quantile('x')",
    "normal_p_value": "normal_p_value('x')",
    "chi_square_p_value": "chi_square_p_value('x', 'df')",
    **{
        f"chi_square_p_value of {df}": f"chi_square_p_value('x', {df})"
        for df in (1, 2, 5, 60)
    },
    "hellinger_distance": "'sqrt(sum(' ~ hellinger_term('base', 'now') ~ '))'",
    "population_stability_index": (
        "'sum(' ~ population_stability_index_term('base', 'now') ~ ')'"
    ),
    "jensen_shannon_divergence": "'sum(' ~ jensen_shannon_term('base', 'now') ~ ')'",
}


@pytest.fixture(scope="module")
def sql(parsed_project):
    """The SQL of the expressions, by name."""
    code = SEPARATOR.join(f"{{{{ {call} }}}}" for call in EXPRESSIONS.values())
    rendered = parsed_project.rendered(code).split(SEPARATOR)
    return dict(zip(EXPRESSIONS, rendered, strict=True))


@pytest.fixture(scope="module")
def value(sql):
    """Return what computes an expression on columns of values."""
    connection = duckdb.connect()

    def compute(name, **columns):
        lists = ", ".join(f"unnest($given.{name}) as {name}" for name in columns)
        connection.execute(
            f"create or replace table given as select {lists}", {"given": columns}
        )
        found = connection.execute(f"select {sql[name]} from given")
        return [row[0] for row in found.fetchall()]

    return compute


def chi_square_tail(statistic, df, steps=20_000):
    """The p-value by Simpson's rule on the density, whatever the degrees.

    With t as the root of the statistic the density has no pole for one degree.
    """
    scale = 2 ** (df / 2 - 1) * math.gamma(df / 2)

    def density(t):
        return t ** (df - 1) * math.exp(-t * t / 2) / scale

    first = math.sqrt(statistic)
    last = max(first, math.sqrt(df)) + 14
    width = (last - first) / steps
    inner = sum(
        (4 if i % 2 else 2) * density(first + i * width) for i in range(1, steps)
    )
    return width / 3 * (density(first) + inner + density(last))


# Distributions


def test_normal_quantiles_are_those_of_the_standard_library(value):
    tails = [10**-n for n in range(1, 17)] + [1e-100, 1e-300]
    wanted = [
        *(n / 1000 for n in range(1, 1000)),
        *tails,
        *(1 - tail for tail in tails if tail > 1e-16),
        # Where one polynomial takes over from another.
        0.075, 0.0749999, 0.925, 0.9250001, math.exp(-25), math.exp(-25.001),
    ]
    found = value("normal_quantile", x=wanted)
    for probability, quantile in zip(wanted, found, strict=True):
        expected = NormalDist().inv_cdf(probability)
        assert quantile == pytest.approx(expected, rel=1e-14, abs=1e-16), probability


def test_there_is_no_normal_quantile_of_what_is_no_share(value):
    assert value("normal_quantile", x=[0.0, 1.0, -0.1, 1.1, None]) == [None] * 5


def test_normal_p_values_have_the_stated_accuracy(value):
    wanted = [n / 100 for n in range(-1200, 1201)] + [20.0, -35.0]
    for z, found in zip(wanted, value("normal_p_value", x=wanted), strict=True):
        assert found == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1.2e-7)
    assert value("normal_p_value", x=[100.0, None]) == [0.0, None]


def test_chi_square_p_values_are_the_area_under_the_density(value):
    cases = [
        (statistic, df)
        for df in (*range(1, 12), 20, 29, 30, 59, 60)
        for statistic in (0.001, 0.5, 1.0, 5.0, 12.3, 40.0, 100.0)
    ]
    found = value(
        "chi_square_p_value", x=[x for x, _ in cases], df=[df for _, df in cases]
    )
    for (statistic, df), p_value in zip(cases, found, strict=True):
        expected = chi_square_tail(statistic, df)
        assert p_value == pytest.approx(expected, rel=1.3e-7, abs=1e-30), statistic


def test_chi_square_p_values_are_the_same_by_number_and_by_column(value):
    statistics = [0.0, 0.3, 7.0, 55.5]
    for df in (1, 2, 5, 60):
        assert value(f"chi_square_p_value of {df}", x=statistics) == value(
            "chi_square_p_value", x=statistics, df=[df] * 4
        )


def test_chi_square_ends(value):
    found = value(
        "chi_square_p_value",
        x=[0.0, 0.0, 0.0, 3000.0, None, -1.0, 1.0, 1.0, 1.0],
        df=[1, 2, 7, 9, 1, 1, 0, 61, None],
    )
    about_1 = pytest.approx(1, abs=1.2e-7)
    assert found[:4] == [about_1, 1, about_1, 0]
    assert found[4:] == [None] * 5


@pytest.mark.parametrize("df", ["0", "61", "1.5", "true", "-1"])
def test_chi_square_asks_for_a_whole_number_of_degrees(df, parsed_project):
    answer = parsed_project.compile(f"{{{{ chi_square_p_value('x', {df}) }}}}")
    assert not answer.succeeded
    assert "chi_square_p_value(degrees_of_freedom=)" in answer.error
    assert "allowed is a whole number from 1 to 60" in answer.error


# Published values

SIX_COUNTS = ([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8])


def shares(counts):
    base, now = counts
    return {
        "base": [count / sum(base) for count in base],
        "now": [count / sum(now) for count in now],
    }


@pytest.mark.reference
@pytest.mark.parametrize(
    ("counts", "shares_expected", "p_value", "tolerance"),
    [
        ([1000, 1200], [0.5, 0.5], 0.000020079, 5e-10),
        ([135, 115], [0.5, 0.5], 0.205903211, 5e-10),
        ([310, 98], [0.75, 0.25], 0.647434186, 5e-10),
    ],
)
def test_sample_ratio_mismatch_has_its_published_p_values(
    counts, shares_expected, p_value, tolerance, value
):
    expected = [sum(counts) * share for share in shares_expected]
    statistic = sum(
        (count - want) ** 2 / want
        for count, want in zip(counts, expected, strict=True)
    )
    [found] = value("chi_square_p_value", x=[statistic], df=[len(counts) - 1])
    assert found == pytest.approx(p_value, abs=max(tolerance, 1.2e-7 * p_value))


@pytest.mark.reference
def test_counts_against_those_of_the_base_have_their_published_p_value(value):
    pairs = zip(*SIX_COUNTS, strict=True)
    statistic = sum((now - base) ** 2 / base for base, now in pairs)
    [found] = value("chi_square_p_value", x=[statistic], df=[5])
    assert found == pytest.approx(0.67309, abs=5e-6)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("measure", "published", "tolerance", "scale"),
    [
        # Published with its digits cut off, not rounded.
        ("hellinger_distance", 0.06812, 1e-5, 1),
        ("population_stability_index", 0.037218, 5e-7, 1),
        ("jensen_shannon_divergence", 0.0066805, 5e-8, 1),
        # The same in natural logarithms.
        ("jensen_shannon_divergence", 0.0046306, 5e-8, math.log(2)),
    ],
)
def test_measures_of_drift_have_their_published_values(
    measure, published, tolerance, scale, value
):
    [found] = value(measure, **shares(SIX_COUNTS))
    assert found * scale == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(
    ("counts", "distance"),
    [(([1, 3, 0], [1, 3, 0]), 0), (([1, 0], [0, 1]), 1)],
    ids=["no change", "nothing in common"],
)
def test_the_hellinger_distance_is_between_0_and_1(counts, distance, value):
    assert value("hellinger_distance", **shares(counts)) == [
        pytest.approx(distance, abs=1e-12)
    ]
