"""Fitting: which dates, what is written, what is said; and that it finds what is there.

What needs scikit-learn is skipped without it. Scoring never needs it.
"""

import csv
import importlib.util
import math
import random
import re
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import RAW

import fit_models

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
REASON = "needs pip install --no-deps -r requirements-models.txt"
is_installed = importlib.util.find_spec("sklearn") and importlib.util.find_spec("scipy")
needs_packages = pytest.mark.skipif(not is_installed, reason=REASON)

MONTHS = [date(2026, month, 1) - timedelta(days=1) for month in range(1, 7)]


# Dates


def test_what_is_fitted_on_is_known_before_the_first_test_date():
    train, test = fit_models.split(MONTHS, 56)
    # From 28 February to 30 April are 61 days, from 31 January to 31 March 59: both
    # leave two dates on the smaller side, the first has more to fit on.
    assert train == MONTHS[:3]
    assert test == MONTHS[4:]


@pytest.mark.parametrize("days", [1, 28, 56, 90])
def test_no_outcome_reaches_into_the_test_dates(days):
    train, test = fit_models.split(MONTHS, days)
    assert train and test
    assert max(train) + timedelta(days=days) <= min(test)


@pytest.mark.parametrize("dates", [[], MONTHS[:1], MONTHS[:2]])
def test_too_few_dates_are_an_error_that_says_what_to_build(dates):
    with pytest.raises(fit_models.FittingError) as caught:
        fit_models.split(dates, 56)
    assert f"there are {len(dates)} snapshot dates" in str(caught.value)
    assert "monthly snapshots" in str(caught.value)


# Names


def test_a_cluster_is_called_what_stands_out():
    centroid = {"tenure_log": -1.5, "revenue_90d_log": 2.0, "cart_add_count_30d_log": 1}
    assert fit_models.cluster_name(centroid, set()) == "high_revenue_newcomers"


def test_what_does_not_stand_out_is_no_name():
    centroid = {"tenure_log": 0.5, "revenue_90d_log": 0.49}
    assert fit_models.cluster_name(centroid, set()) == "long_known"
    assert fit_models.cluster_name(dict.fromkeys(centroid, 0.1), set()) == "average"


def test_names_of_clusters_differ():
    centroid = {"tenure_log": -1.5, "revenue_90d_log": 2.0, "cart_add_count_30d_log": 1}
    taken = set()
    for _ in range(4):
        taken.add(fit_models.cluster_name(centroid, taken))
    assert len(taken) == 4
    assert "high_revenue_newcomers_filling_carts" in taken


def test_a_feature_without_words_is_called_by_its_name():
    assert fit_models.word_for("night_share", -1) == "low_night_share"


# Seeds


def lines(folder, name):
    with (folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_lines_of_other_models_stay(tmp_path, capsys):
    def write(model, mean):
        rows = [{"feature": "f", "mean": mean, "standard_deviation": 1.0}]
        fit_models.write_seed(tmp_path, "feature_scalings", rows, model=model)

    write("clusters", 1.5)
    write("churn", 2.5)
    write("clusters", 3.5)
    written = lines(tmp_path, "feature_scalings")
    found = [(line["model"], line["mean"]) for line in written]
    assert found == [("churn", "2.5"), ("clusters", "3.5")]
    assert "wrote 2 lines to feature_scalings.csv" in capsys.readouterr().out


def test_shipped_seeds_have_the_columns_that_are_written():
    for name, columns in fit_models.SEED_COLUMNS.items():
        with (ROOT / "seeds" / f"{name}.csv").open(newline="") as file:
            assert tuple(next(csv.reader(file))) == columns


# Words


def test_a_missing_package_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert fit_models.main(["churn", "--seeds", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert "scipy is not installed" in message
    assert "pip install --no-deps -r requirements-models.txt" in message


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "the following arguments are required: model"),
        (["churns"], "invalid choice: 'churns'"),
        (["churn", "--clusters", "4"], "--clusters belongs to the model clusters"),
        (["clusters", "--clusters", "1"], "--clusters: a whole number from 2"),
    ],
)
def test_wrong_use_is_said(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        fit_models.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_help_says_how_to_build_the_warehouse(capsys):
    with pytest.raises(SystemExit):
        fit_models.main(["--help"])
    text = capsys.readouterr().out
    assert "snapshot_cadence: month" in text
    assert "requirements-models.txt" in text


def test_the_requirements_pin_every_package():
    text = (ROOT / "requirements-models.txt").read_text()
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z-]+==[0-9.]+", pin) for pin in pins)
    assert {"scikit-learn", "scipy"} < {pin.split("==")[0] for pin in pins}


# Fitting, with scikit-learn


@pytest.fixture(scope="module")
def training(whole_project, tmp_path_factory):
    """A warehouse with monthly snapshots, as --help says to build it."""
    project = whole_project.on(tmp_path_factory.mktemp("training"))
    project.raw = RAW
    if not project.raw.is_dir():
        pytest.skip("needs the data that scripts/test makes before it runs pytest")
    answer = project.dbt(
        "build",
        *("--select", "+user_features", "+buyer_outcomes"),
        *("--exclude-resource-type", "test", "unit_test"),
        *("--vars", "{snapshot_cadence: month, snapshot_count: 12}"),
    )
    assert answer.succeeded, answer.error
    return project.warehouse


def fitted(model, warehouse, folder, *options):
    folder.mkdir(exist_ok=True)
    places = ("--warehouse", str(warehouse), "--seeds", str(folder))
    assert fit_models.main([model, *places, *options]) == 0
    return folder


@needs_packages
@pytest.mark.parametrize("model", fit_models.COMMANDS)
def test_the_same_warehouse_gives_the_same_seeds(model, training, tmp_path, capsys):
    one, other = (
        fitted(model, training, tmp_path / name) for name in ("one", "other")
    )
    written = sorted(path.name for path in one.iterdir())
    assert "model_quality.csv" in written
    for name in written:
        assert (one / name).read_bytes() == (other / name).read_bytes()


@needs_packages
def test_the_number_of_clusters_is_suggested_and_can_be_given(
    training, tmp_path, capsys
):
    fitted("clusters", training, tmp_path)
    said = capsys.readouterr().out
    silhouettes = dict(
        (int(count), float(value))
        for count, value in re.findall(r"(\d+) clusters: silhouette (\S+)", said)
    )
    assert list(silhouettes) == list(fit_models.CLUSTER_COUNTS)
    best = max(silhouettes, key=silhouettes.get)
    assert f"suggested and taken: {best} clusters" in said
    names = {line["name"] for line in lines(tmp_path, "cluster_centroids")}
    assert len(names) == best
    fitted("clusters", training, tmp_path, "--clusters", "5")
    names = {line["name"] for line in lines(tmp_path, "cluster_centroids")}
    assert len(names) == 5
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in names)


@needs_packages
def test_seeds_name_the_features_of_the_project(training, tmp_path, whole_project):
    features = whole_project.rendered("{{ feature_columns() | join(' ') }}").split()
    for model in ("clusters", "churn"):
        fitted(model, training, tmp_path)
        scaled = [
            line["feature"]
            for line in lines(tmp_path, "feature_scalings")
            if line["model"] == model
        ]
        assert scaled == features
    names = [line["feature"] for line in lines(tmp_path, "churn_coefficients")]
    assert names == ["intercept", *features]


@needs_packages
def test_the_measures_of_churn_are_of_later_dates(training, tmp_path):
    fitted("churn", training, tmp_path)
    quality = {
        (line["data"], line["metric"]): line
        for line in lines(tmp_path, "model_quality")
    }
    train_end = date.fromisoformat(quality["train", "auc"]["last_date"])
    test_start = date.fromisoformat(quality["test", "auc"]["first_date"])
    assert train_end + timedelta(days=fit_models.CHURN_DAYS) <= test_start
    assert float(quality["test", "auc"]["value"]) > 0.8
    assert 0.8 < float(quality["test", "calibration_slope"]["value"]) < 1.25


@needs_packages
def test_bg_nbd_finds_the_parameters_that_made_the_buyers():
    truth = {"r": 0.8, "alpha": 40.0, "a": 0.6, "b": 2.0}
    dice = random.Random(20)
    rows = []
    for _ in range(20_000):
        rate = dice.gammavariate(truth["r"], 1 / truth["alpha"])
        leaving = dice.betavariate(truth["a"], truth["b"])
        age = dice.uniform(100, 400)
        count, last, now = 0, 0.0, 0.0
        while True:
            now += dice.expovariate(rate)
            if now > age:
                break
            count, last = count + 1, now
            if dice.random() < leaving:
                break
        rows.append(
            {
                "repeated_purchase_count": count,
                "last_purchase_age_days": last,
                "age_days": age,
            }
        )
    found = fit_models.fit_bg_nbd(fit_models.Users((), rows))
    assert found["r"] == pytest.approx(truth["r"], rel=0.1)
    assert found["alpha"] == pytest.approx(truth["alpha"], rel=0.1)
    leaving = found["a"] / (found["a"] + found["b"])
    assert leaving == pytest.approx(0.6 / 2.6, rel=0.1)


@needs_packages
def test_the_weight_of_the_mean_order_is_that_of_orders_to_buyers():
    # Means of buyers differ by 10, orders of one buyer by 30: 900 / 100 orders.
    dice = random.Random(21)
    rows = []
    for _ in range(40_000):
        count = dice.choice((1, 2, 4, 8, 16))
        mean = dice.gauss(60, 10) + dice.gauss(0, 30 / math.sqrt(count))
        rows.append({"purchase_count": count, "revenue": mean * count})
    centre, weight = fit_models.order_value_prior(fit_models.Users((), rows))
    assert centre == pytest.approx(60, abs=0.5)
    assert weight == pytest.approx(9, rel=0.1)


@needs_packages
def test_buyers_who_are_all_alike_have_the_mean_of_all():
    rows = [{"purchase_count": n, "revenue": 20 * n} for n in (1, 2, 3) * 3]
    centre, _ = fit_models.order_value_prior(fit_models.Users((), rows))
    assert centre == 20


@needs_packages
def test_the_script_expects_what_the_warehouse_does(warehouse):
    """The measures of value are made by the script, the scores by SQL."""
    values = lines(ROOT / "seeds", "value_parameters")
    parameters = {line["parameter"]: float(line["value"]) for line in values}
    result = warehouse.execute(
        """
        select
            purchase_count,
            purchase_count - 1 as repeated_purchase_count,
            days_since_first_purchase - days_since_last_purchase
                as last_purchase_age_days,
            days_since_first_purchase as age_days,
            revenue,
            expected_revenue_90d
        from facts.user_facts
        inner join facts.user_scores using (as_of_date, user_id)
        """
    )
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    _, revenue = fit_models.expectations(fit_models.Users((), rows), parameters)
    expected = [float(row["expected_revenue_90d"]) for row in rows]
    assert revenue.tolist() == pytest.approx(expected, abs=1e-4)


@needs_packages
def test_a_warehouse_without_monthly_snapshots_is_refused(training, tmp_path, capsys):
    copy = tmp_path / "short.duckdb"
    copy.write_bytes(training.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop view facts.buyer_outcomes")
        connection.execute(
            "create table facts.buyer_outcomes as select date '2026-06-01' as"
            " as_of_date, 'ann' as user_id, 1 as purchase_count_next_56d"
        )
    places = ["--warehouse", str(copy), "--seeds", str(tmp_path)]
    assert fit_models.main(["churn", *places]) == 2
    assert "there are 1 snapshot dates with 180 days" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.csv"))


@needs_packages
@pytest.mark.parametrize("model", fit_models.COMMANDS)
def test_a_warehouse_that_is_none_is_said(model, tmp_path, capsys):
    places = ["--warehouse", str(tmp_path / "none.duckdb"), "--seeds", str(tmp_path)]
    assert fit_models.main([model, *places]) == 2
    assert "there is no file" in capsys.readouterr().err
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    places[1] = str(empty)
    assert fit_models.main([model, *places]) == 2
    assert re.search("facts|user_features|buyer_outcomes", capsys.readouterr().err)
