"""Macros of statistics against the standard library, sums made here and print.

Nothing that is expected is computed by the project: distributions come from the
standard library or are integrated here, and published values are written down.
"""

import math
import random
from collections import Counter
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
    "quantiles": "quantiles('x', [0, 0.1, 0.25, 0.5, 1])",
    "second quantile": "list_element(quantiles('x', [0.9, 0.5]), 2)",
    "cut points": "'list_concat([min(x)], ' ~ quantiles('x', ["
    + ", ".join(f"{tenth / 10}" for tenth in range(1, 10))
    + "]) ~ ')'",
    "bin": "equal_frequency_bin('x', 'c[1]', ['c[2]', 'c[3]', 'c[4]', 'c[5]', 'c[6]', "
    "'c[7]', 'c[8]', 'c[9]', 'c[10]'])",
    "variance": "share_change_variance('members', 'total', 'base_members', "
    "'base_total', 'kept_members', 'known_members', 'lasting_members', 'both_total')",
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
        df=[1, 2, 7, 9, 1, 1, 0, -1, None],
    )
    about_1 = pytest.approx(1, abs=1.2e-7)
    assert found[:4] == [about_1, 1, about_1, 0]
    assert found[4:] == [None] * 5


def test_chi_square_of_many_degrees_has_the_stated_accuracy(value):
    cases = [
        (df + share * math.sqrt(2 * df), df)
        for df in (61, 62, 90, 150)
        for share in (-3, -1, 0, 0.5, 1, 2, 3)
    ]
    found = value(
        "chi_square_p_value", x=[x for x, _ in cases], df=[df for _, df in cases]
    )
    for (statistic, df), p_value in zip(cases, found, strict=True):
        expected = chi_square_tail(statistic, df)
        assert expected > 0.001
        assert p_value == pytest.approx(expected, rel=0.01), (statistic, df)


@pytest.mark.parametrize("df", ["0", "1.5", "true", "-1"])
def test_chi_square_asks_for_a_whole_number_of_degrees(df, parsed_project):
    answer = parsed_project.compile(f"{{{{ chi_square_p_value('x', {df}) }}}}")
    assert not answer.succeeded
    assert "chi_square_p_value(degrees_of_freedom=)" in answer.error
    assert "allowed is a whole number from 1 or SQL of one" in answer.error


# Bins


def test_quantiles_lie_between_values_by_linear_interpolation(value):
    values = [40.0, None, 10.0, 20.0, 30.0, 60.0, None]
    [found] = value("quantiles", x=values)
    assert found == [pytest.approx(expected) for expected in (10, 14, 20, 30, 60)]
    assert value("second quantile", x=values) == [pytest.approx(30)]
    assert value("second quantile", x=[None, None]) == [None]


@pytest.mark.parametrize("fraction", ["1.1", "-0.1", "'0.5'", "none", "true"])
def test_quantiles_ask_for_fractions(fraction, parsed_project):
    answer = parsed_project.compile(f"{{{{ quantiles('x', [0.5, {fraction}]) }}}}")
    assert not answer.succeeded
    assert "quantiles(fractions=)" in answer.error
    assert "allowed is a number from 0 to 1" in answer.error


@pytest.mark.parametrize("fractions", ["[]", "0.5", "none"])
def test_quantiles_ask_for_a_list(fractions, parsed_project):
    answer = parsed_project.compile(f"{{{{ quantiles('x', {fractions}) }}}}")
    assert not answer.succeeded
    assert "allowed is a list of numbers from 0 to 1" in answer.error


@pytest.mark.parametrize("position", ["0", "-1", "1.5", "'1'", "none", "true"])
def test_list_element_asks_for_a_position(position, parsed_project):
    answer = parsed_project.compile(f"{{{{ list_element('x', {position}) }}}}")
    assert not answer.succeeded
    assert "list_element(position=)" in answer.error
    assert "allowed is a whole number from 1" in answer.error


@pytest.mark.parametrize("cut_points", ["[]", "'c'", "none"])
def test_equal_frequency_bin_asks_for_cut_points(cut_points, parsed_project):
    answer = parsed_project.compile(
        f"{{{{ equal_frequency_bin('x', 'm', {cut_points}) }}}}"
    )
    assert not answer.succeeded
    assert "equal_frequency_bin(cut_points=)" in answer.error


def bins(value, base, values):
    """The bins of values among the deciles of a base."""
    [cut_points] = value("cut points", x=base)
    return value("bin", x=values, c=[cut_points] * len(values))


def test_bins_hold_their_lower_cut_point_and_are_open_outside(value):
    base = [float(n) for n in range(101)]
    values = [None, -5.0, 0.0, 9.9, 10.0, 19.9, 20.0, 89.9, 90.0, 100.0, 1e9]
    assert bins(value, base, values) == [0, 1, 1, 1, 2, 2, 3, 9, 10, 10, 10]


def test_equal_cut_points_are_merged(value):
    """The numbers of the bins between them are left out."""
    base = [1.0, 2.0, *[5.0] * 6, 8.0, 9.0]
    assert bins(value, base, [1.0, 2.0, 4.5, 4.9, 5.0, 5.5, 5.7, 8.0, 8.2]) == [
        *(1, 2, 3, 3, 8, 8, 9, 9, 10)
    ]


def test_where_most_values_are_the_least_it_is_parted_from_all_above(value):
    base = [0.0] * 98 + [3.0, 4.0]
    assert bins(value, base, [-1.0, 0.0]) == [1, 1]
    assert bins(value, base, [0.1, 3.0, 99.0]) == [10, 10, 10]


# The noise of a share


def variance(base, now, base_members, members):
    """By the definition, from sets of users."""
    n, m = len(now), len(base)
    p = (len(members) + len(base_members)) / (n + m)

    def added(user):
        on_date = (user in now) * ((user in members) - p) / n
        return on_date - (user in base) * ((user in base_members) - p) / m

    crowds = [base & now, now - base, base - now]
    stayed, came, went = (sum(added(user) ** 2 for user in crowd) for crowd in crowds)
    chance = p * (1 - p)
    came = max(came, chance * len(now - base) / n**2)
    went = max(went, chance * len(base - now) / m**2)
    return stayed + came + went


@pytest.mark.parametrize("seed", range(30))
def test_the_variance_of_a_change_is_what_each_user_adds(seed, value):
    dice = random.Random(seed)
    crowd = range(dice.randint(2, 60))
    base, now = (
        {user for user in crowd if dice.random() < share} | {first}
        for first, share in ((0, dice.random()), (1, dice.random()))
    )
    rate = dice.random() / 2
    base_members = {user for user in base if dice.random() < rate}
    members = {
        user
        for user in now
        if (user in base_members if dice.random() < 0.7 else dice.random() < rate)
    }
    counts = {
        "members": members,
        "total": now,
        "base_members": base_members,
        "base_total": base,
        "kept_members": members & base_members,
        "known_members": members & base,
        "lasting_members": base_members & now,
        "both_total": base & now,
    }
    [found] = value("variance", **{name: [len(who)] for name, who in counts.items()})
    expected = variance(base, now, base_members, members)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_there_is_no_variance_without_users(value):
    names = "members base_members kept_members known_members lasting_members both_total"
    counts = dict.fromkeys(names.split(), [0, 0])
    assert value("variance", total=[0, 5], base_total=[5, 0], **counts) == [None, None]


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


@pytest.mark.reference
@pytest.mark.parametrize(
    ("base", "now", "published"),
    [
        (range(15), range(15, 30), 7.745116608833365),
        # 1 to 6 five times over, cut in two halves: equal cut points are merged.
        ([1, 2, 3, 4, 5, 6] * 2 + [1, 2, 3], [4, 5, 6] + [1, 2, 3, 4, 5, 6] * 2,
         0.1621860432432658),
    ],
    ids=["apart", "halves"],
)
def test_the_index_of_binned_numbers_has_its_published_values(
    base, now, published, value
):
    base, now = ([float(number) for number in numbers] for numbers in (base, now))
    counts = [Counter(bins(value, base, numbers)) for numbers in (base, now)]
    groups = sorted(counts[0] | counts[1])
    in_bins = [[count[group] for group in groups] for count in counts]
    [found] = value("population_stability_index", **shares(in_bins))
    assert found == pytest.approx(published, rel=1e-12)
