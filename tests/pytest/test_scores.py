"""Scores and what is made of them, computed once more in plain loops from the seeds.

What the models are worth is measured on dates that they were not fitted on, from the
purchases that followed in the warehouse that is tested.
"""

import ast
import csv
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from conftest import RAW, ROOT
from folding import folded

pytest_plugins = "dbt_project"

CHURN_DAYS, VALUE_DAYS = 56, 90


def seed(name):
    with (ROOT / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def scalings(model):
    return {
        line["feature"]: (float(line["mean"]), float(line["standard_deviation"]))
        for line in seed("feature_scalings")
        if line["model"] == model
    }


def setting(model, name):
    """What a list or number at the top of a segmentation is."""
    text = (ROOT / "models" / "segments" / f"{model}.sql").read_text()
    found = re.search(rf"set {name} = (.*?) -?%\}}", text, re.DOTALL)
    return ast.literal_eval(found[1])


@pytest.fixture(scope="module")
def select(warehouse):
    """Return what gives the rows of a query as dictionaries."""

    def run(sql):
        result = warehouse.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    return run


@pytest.fixture(scope="module")
def current_date(select):
    [row] = select("from intermediate.int_as_of_dates where is_current")
    return row["as_of_date"]


# Clusters


def test_every_active_known_user_is_in_the_nearest_cluster(select):
    centres = defaultdict(dict)
    for line in seed("cluster_centroids"):
        centres[line["name"]][line["feature"]] = float(line["centroid"])
    scales = scalings("clusters")
    users = select("from facts.user_features where is_active_known_user")
    clusters = {
        (row["as_of_date"], row["user_id"]): row
        for row in select("from facts.user_clusters")
    }
    assert len(users) == len(clusters) > 1_000
    assert {row["cluster_name"] for row in clusters.values()} == set(centres)
    for user in users:
        distances = {
            name: math.dist(
                [
                    (user[feature] - mean) / deviation
                    for feature, (mean, deviation) in scales.items()
                ],
                [centre[feature] for feature in scales],
            )
            for name, centre in centres.items()
        }
        [(nearest, least), (_, second), *_] = sorted(
            distances.items(), key=lambda item: (round(item[1], 6), item[0])
        )
        found = clusters[user["as_of_date"], user["user_id"]]
        assert found["cluster_name"] == nearest
        assert found["distance"] == pytest.approx(least, abs=2e-6)
        assert found["margin"] == pytest.approx(second - least, abs=3e-6)


def test_users_of_a_cluster_are_its_segment(select):
    clusters = select(
        "select as_of_date, user_id, cluster_name as segment from facts.user_clusters"
    )
    members = select("select as_of_date, user_id, segment from segments.seg_cluster")
    assert Counter(map(str, clusters)) == Counter(map(str, members))


# Churn


def test_churn_is_the_regression_of_the_seed(select):
    coefficients = {
        line["feature"]: float(line["coefficient"])
        for line in seed("churn_coefficients")
    }
    scales = scalings("churn")
    users = select(
        "select * from facts.user_features inner join facts.user_scores"
        " using (as_of_date, user_id)"
    )
    assert {user["is_recent_buyer"] for user in users} == {True, False}
    for user in users:
        logit = coefficients["intercept"] + sum(
            coefficients[feature] * (user[feature] - mean) / deviation
            for feature, (mean, deviation) in scales.items()
        )
        expected = 1 / (1 + math.exp(-logit)) if user["is_recent_buyer"] else None
        assert user["churn_probability_56d"] == (
            expected and pytest.approx(expected, abs=1e-6)
        )


def outcomes(select, model):
    found = defaultdict(list)
    for row in select(f"from drift.score_outcomes where model = '{model}'"):
        found[row["as_of_date"]].append((row["predicted_value"], row["observed_value"]))
    return found


def test_dates_are_measured_once_their_outcome_is_known(select, current_date):
    dates = {row["as_of_date"] for row in select("from intermediate.int_as_of_dates")}
    known = {day for day in dates if (current_date - day).days >= CHURN_DAYS}
    assert known
    assert outcomes(select, "churn").keys() == known


def test_auc_is_the_share_of_pairs_in_the_right_order(select):
    measured = {
        row["as_of_date"]: row
        for row in select("from drift.model_accuracy where model = 'churn'")
    }
    has_ties = False
    for day, pairs in outcomes(select, "churn").items():
        left = [score for score, has_left in pairs if has_left]
        stayed = sorted(score for score, has_left in pairs if not has_left)
        below = sum(bisect_left(stayed, score) for score in left)
        same = sum(bisect_right(stayed, score) for score in left) - below
        has_ties |= same > 0
        auc = (below + same / 2) / (len(left) * len(stayed))
        brier = sum((score - has_left) ** 2 for score, has_left in pairs) / len(pairs)
        assert measured[day]["auc"] == pytest.approx(auc, abs=1e-6)
        assert measured[day]["brier_score"] == pytest.approx(brier, abs=1e-6)
        assert measured[day]["user_count"] == len(pairs)
    assert has_ties


def test_churn_is_told_on_dates_that_were_not_fitted_on(select):
    last_fitted = max(
        date.fromisoformat(line["last_date"])
        for line in seed("model_quality")
        if (line["model"], line["data"]) == ("churn", "train")
    )
    known = outcomes(select, "churn")
    assert min(known) >= last_fitted + timedelta(days=CHURN_DAYS)
    for row in select("from drift.model_accuracy where model = 'churn'"):
        # 0.5 is chance, and always saying the share would have this Brier score.
        share = row["observed_value"]
        assert 0.2 < share < 0.8
        assert row["auc"] > 0.8
        assert row["brier_score"] < 0.75 * share * (1 - share)
        assert abs(row["predicted_value"] - share) < 0.05
    deciles = select("from drift.model_calibration where model = 'churn'")
    assert {row["decile"] for row in deciles} >= {1, 5, 10}
    for row in deciles:
        assert row["user_count"] > 50
        assert abs(row["predicted_value"] - row["observed_value"]) < 0.2
        if row["decile"] in (1, 10):
            assert abs(row["predicted_value"] - row["observed_value"]) < 0.06


# Value


def parameters():
    lines = seed("value_parameters")
    return {line["parameter"]: float(line["value"]) for line in lines}


def buyers(select, condition="true"):
    return select(
        "select * from facts.user_facts inner join facts.user_scores"
        f" using (as_of_date, user_id) where {condition}"
    )


def bg_nbd(user, p):
    """Repeated purchases, age, purchases a day and the odds of having left."""
    x = user["purchase_count"] - 1
    age = user["days_since_first_purchase"]
    last = age - user["days_since_last_purchase"]
    odds = 0.0
    if x:
        ratio = (p["alpha"] + age) / (p["alpha"] + last)
        odds = p["a"] / (p["b"] + x - 1) * ratio ** (p["r"] + x)
    return x, age, odds


def test_value_is_what_the_formulas_say(select):
    p = parameters()
    users = buyers(select)
    assert min(user["purchase_count"] for user in users) == 1
    assert max(user["purchase_count"] for user in users) > 20
    for user in users:
        x, age, odds = bg_nbd(user, p)
        rate = (p["r"] + x) / (p["alpha"] + age)
        leaving = p["a"] / (p["a"] + p["b"] + x)
        count = (1 - math.exp(-rate * leaving * VALUE_DAYS)) / leaving / (1 + odds)
        prior = p["prior_purchase_count"]
        value = prior * p["prior_order_value"] + float(user["revenue"])
        value = max(value / (prior + user["purchase_count"]), 0)
        assert user["alive_probability"] == pytest.approx(1 / (1 + odds), abs=1e-6)
        assert user["expected_purchase_count_90d"] == pytest.approx(count, abs=1e-6)
        assert float(user["expected_order_value"]) == pytest.approx(value, abs=1e-4)
        assert float(user["expected_revenue_90d"]) == pytest.approx(
            count * value, abs=1e-4
        )


def hypergeometric(a, b, c, z):
    """Gauss's series 2F1, which ends here when nothing is added any more."""
    total = term = 1.0
    for n in range(100_000):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if abs(term) < 1e-15 * abs(total):
            return total
    raise AssertionError("the series does not end")


def test_expected_purchases_are_near_those_of_the_exact_series(select, current_date):
    """The formula stands for equation 10 of Fader, Hardie and Lee (2005)."""
    p = parameters()
    exact_sum = found_sum = 0
    for user in buyers(select, f"as_of_date = '{current_date}'"):
        x, age, odds = bg_nbd(user, p)
        r, alpha, a, b, t = p["r"], p["alpha"], p["a"], p["b"], VALUE_DAYS
        series = hypergeometric(
            r + x, b + x, a + b + x - 1, t / (alpha + age + t)
        )
        rest = ((alpha + age) / (alpha + age + t)) ** (r + x) * series
        exact = (a + b + x - 1) / (a - 1) * (1 - rest) / (1 + odds)
        found = user["expected_purchase_count_90d"]
        assert found == pytest.approx(exact, rel=0.1)
        exact_sum += exact
        found_sum += found
    assert found_sum == pytest.approx(exact_sum, rel=0.01)


@pytest.fixture(scope="module")
def months(whole_project, tmp_path_factory):
    """A warehouse with monthly snapshots, so that 90 days have passed since some."""
    project = whole_project.on(tmp_path_factory.mktemp("months"))
    project.raw = RAW
    measures = "+model_accuracy", "+model_calibration"
    answer = project.build(*measures, snapshot_cadence="month")
    failed = [
        result.node.name
        for result in answer.value.results
        if result.node.resource_type != "test" and result.status != "success"
    ]
    assert not failed
    return project.query


def test_value_came_about_on_dates_that_were_not_fitted_on(months, warehouse):
    last_fitted = max(
        date.fromisoformat(line["last_date"])
        for line in seed("model_quality")
        if (line["model"], line["data"]) == ("value", "train")
    )
    measured = [
        row
        for row in months("from drift.model_accuracy where model = 'value'")
        if row["as_of_date"] >= last_fitted + timedelta(days=VALUE_DAYS)
    ]
    assert measured
    for row in measured:
        assert row["predicted_to_observed_ratio"] == pytest.approx(1, abs=0.25)
        tenths = {
            tenth["decile"]: tenth["observed_value"]
            for tenth in months(
                "from drift.model_calibration where model = 'value'"
                f" and as_of_date = '{row['as_of_date']}'"
            )
        }
        assert tenths[10] > 3 * row["observed_value"]
        assert tenths[1] < row["observed_value"] / 3


# Look-alikes


def members_of(select, model, condition):
    found = defaultdict(set)
    for row in select(f"select as_of_date, user_id from segments.{model} {condition}"):
        found[row["as_of_date"]].add(row["user_id"])
    return found


@pytest.mark.parametrize("lookalike", setting("seg_lookalike", "lookalikes"), ids=str)
def test_lookalikes_are_the_nearest_who_are_not_members(lookalike, select):
    sources = members_of(
        select, lookalike["model"], f"where segment = '{lookalike['of_segment']}'"
    )
    found = members_of(
        select, "seg_lookalike", f"where segment = '{lookalike['segment']}'"
    )
    users = defaultdict(dict)
    for row in select("from facts.user_features"):
        numbers = [value for value in row.values() if isinstance(value, float)]
        users[row["as_of_date"]][row["user_id"]] = numbers
    assert users.keys() == found.keys() == sources.keys()
    for day, features in users.items():
        assert not found[day] & sources[day]
        columns = list(zip(*features.values(), strict=True))
        means = [sum(column) / len(column) for column in columns]
        deviations = [
            math.sqrt(sum((value - mean) ** 2 for value in column) / len(column))
            for column, mean in zip(columns, means, strict=True)
        ]
        points = {
            user: [
                (value - mean) / deviation
                for value, mean, deviation in zip(
                    numbers, means, deviations, strict=True
                )
            ]
            for user, numbers in features.items()
        }
        of_members = [points[user] for user in sources[day]]
        centre = [sum(axis) / len(of_members) for axis in zip(*of_members, strict=True)]
        distances = {
            user: math.dist(point, centre)
            for user, point in points.items()
            if user not in sources[day]
        }
        others = distances.keys() - found[day]
        farthest = max(distances[user] for user in found[day])
        nearest = min(distances[user] for user in others)
        assert farthest < nearest + 1e-5
        share = 100 * len(found[day]) / len(distances)
        assert lookalike["top_percent"] - 1 < share <= lookalike["top_percent"]


# Microsegments


def test_microsegments_are_cells_folded_as_on_a_tree(select):
    dimensions = setting("seg_microsegment", "dimensions")
    minimum = setting("seg_microsegment", "minimum_user_count")
    values = [
        select(f"select *, segment as value from segments.{name}")
        if name.startswith("seg_")
        else select(f"select *, {name} as value from facts.user_facts")
        for name in dimensions
    ]
    known = [
        {(row["as_of_date"], row["user_id"]): row["value"] for row in of_dimension}
        for of_dimension in values
    ]
    cells = defaultdict(dict)
    for row in select("select as_of_date, user_id from facts.user_facts"):
        key = row["as_of_date"], row["user_id"]
        cells[key[0]][key[1]] = tuple(
            (of_dimension.get(key) or "(unknown)").lower() for of_dimension in known
        )
    members = select("from segments.seg_microsegment")
    found = defaultdict(dict)
    for row in members:
        found[row["as_of_date"]][row["user_id"]] = row["segment"]
    assert sum(map(len, found.values())) == len(members)
    assert found.keys() == cells.keys()
    for day, of_day in cells.items():
        segments = folded(list(of_day.values()), minimum)
        assert found[day] == dict(zip(of_day, segments, strict=True))
        assert min(Counter(found[day].values()).values()) >= minimum


# Shops that lack what scores are made of


@pytest.fixture(scope="module")
def poor_shop(whole_project, tmp_path_factory):
    """Return what builds a shop of a few events; it has to end without an error."""

    def build(project, *events):
        project = project.on(tmp_path_factory.mktemp("poor"))
        project.raw.mkdir()
        text = ["event_id,event_name,occurred_at,user_id,revenue", *events]
        (project.raw / "events.csv").write_text("\n".join(text) + "\n")
        answer = project.build()
        statuses = {
            result.node.name: str(result.status) for result in answer.value.results
        }
        assert set(statuses.values()) <= {"success", "pass", "warn", "no-op"}, statuses
        return project.query

    return build


def segments(query, name):
    found = query(f"select user_id, segment from segments.seg_{name}")
    return {row["user_id"]: row["segment"] for row in found}


def test_a_shop_without_purchases_has_empty_scores(whole_project, poor_shop):
    query = poor_shop(
        whole_project,
        "e1,login,2026-03-01 10:00:00,ann,",
        "e2,login,2026-06-01 10:00:00,ann,",
        "e3,page_viewed,2026-06-01 10:00:00,bob,",
    )
    assert len(query("from facts.user_features")) > 2
    for table in ("facts.user_scores", "facts.buyer_outcomes", "drift.model_accuracy"):
        assert query(f"from {table}") == []
    assert segments(query, "expected_value") == {}
    assert segments(query, "lookalike") == {}
    assert segments(query, "churn_risk") == {"ann": "not_scored", "bob": "not_scored"}
    assert segments(query, "microsegment") == {"ann": "(other)", "bob": "(other)"}
    assert segments(query, "cluster").keys() == {"ann", "bob"}


def test_one_buyer_alone_divides_nothing_by_nothing(whole_project, poor_shop):
    query = poor_shop(
        whole_project,
        "e1,purchase,2026-03-01 10:00:00,ann,20",
        "e2,login,2026-06-01 10:00:00,ann,",
    )
    measured = query("from drift.model_accuracy where model = 'churn'")
    assert measured
    assert {row["auc"] for row in measured} == {None}
    # One of one is more than 40 percent.
    assert segments(query, "expected_value") == {"ann": "low_value"}
    assert segments(query, "lookalike") == {}


def test_with_empty_seeds_nobody_is_scored(copy_project, poor_shop):
    project = copy_project("empty_seeds")
    for name in (
        *("cluster_centroids", "feature_scalings"),
        *("churn_coefficients", "value_parameters"),
    ):
        path = project.folder / "seeds" / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    query = poor_shop(
        project.parse(),
        "e1,purchase,2026-03-01 10:00:00,ann,20",
        "e2,login,2026-06-01 10:00:00,ann,",
    )
    assert segments(query, "churn_risk") == {"ann": "not_scored"}
    assert segments(query, "expected_value") == {}
    assert segments(query, "cluster") == {}
    [scores] = query(
        "select * exclude (as_of_date, user_id) from facts.user_scores"
        " order by as_of_date desc limit 1"
    )
    assert set(scores.values()) == {None}
