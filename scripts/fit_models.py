#!/usr/bin/env python3
"""Fit the models whose seeds SQL scores users with: clusters, churn and value.

A model is fitted here, rarely, and scored in the warehouse, in every build. What
passes between them are seeds, so that a fitted model is reviewed in git like any other
change:

clusters   k-means over active known users on the last date.
           cluster_centroids, feature_scalings, model_quality
churn      a logistic regression: will a buyer of the last 180 days purchase nothing in
           the next 56? Fitted on snapshot dates whose outcome was known before the
           first date that it is tested on.
           churn_coefficients, feature_scalings, model_quality
value      BG/NBD (Fader, Hardie and Lee 2005): how often does a buyer purchase, and is
           the buyer still there? And how far the mean order of a buyer is to be
           believed. Fitted on one date and tested on one whose outcome lies after it.
           value_parameters, model_quality

Each command writes its own lines of these seeds and leaves those of other models. The
same warehouse gives the same seeds.

It needs more than the project: pip install --no-deps -r requirements-models.txt

Churn and value look at dates far apart, so that they need a warehouse with monthly
snapshots, built beside the usual one:

    USER_SEGMENTATION_WAREHOUSE=data/demo/training.duckdb dbt build --target prod \\
        --target-path data/demo/training --select +user_features +buyer_outcomes \\
        --exclude-resource-type test unit_test \\
        --vars '{snapshot_cadence: month, snapshot_count: 12}'

Afterwards build again, and look at the tables model_accuracy and model_calibration.
"""

import argparse
import csv
import importlib.util
import math
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

PROGRAM = "fit_models"
ROOT = Path(__file__).resolve().parents[1]
TRAINING_WAREHOUSE = Path("data/demo/training.duckdb")
REQUIREMENTS = "requirements-models.txt"

CHURN_DAYS, VALUE_DAYS = 56, 90
"""How far the columns of buyer_outcomes look ahead."""
WARM_UP_DAYS = 180
"""Before a date lies so much history that all recent buyers are known."""
CLUSTER_COUNTS = range(3, 9)
"""Fewer tell nothing that a rule does not, more nobody remembers."""
SILHOUETTE_USERS = 5_000
"""The silhouette compares all pairs of users, so that a sample has to do."""
RANDOM_STATE = 20_260_630
DECIMALS = 6
STANDS_OUT_FROM = 0.5
"""From so many standard deviations off the mean a feature is a cluster's name."""
LARGEST_PRIOR_PURCHASES = 1_000.0
"""The weight of the mean order of all where buyers do not differ at all."""

SEED_COLUMNS = {
    "cluster_centroids": ("cluster", "name", "feature", "centroid", "comment"),
    "feature_scalings": ("model", "feature", "mean", "standard_deviation"),
    "churn_coefficients": ("feature", "coefficient", "comment"),
    "value_parameters": ("parameter", "value", "comment"),
    "model_quality": ("model", "data", "metric", "value", "first_date", "last_date"),
}

WORDS = {
    "purchase_recency_log": ("no_recent_purchase", "recent_purchase"),
    "activity_recency_log": ("not_seen_lately", "seen_lately"),
    "tenure_log": ("long_known", "newcomers"),
    "purchase_count_90d_log": ("frequent_buyers", "rare_buyers"),
    "purchase_count_30d_log": ("buying_now", "not_buying_now"),
    "revenue_90d_log": ("high_revenue", "low_revenue"),
    "active_day_count_90d_log": ("often_here", "seldom_here"),
    "product_view_count_30d_log": ("browsing_now", "not_browsing_now"),
    "cart_add_count_30d_log": ("filling_carts", "no_carts"),
    "discounted_purchase_share": ("discount_lovers", "no_discounts"),
}
"""What a cluster is called that is far above the mean in a feature, or far below."""


class FittingError(Exception):
    """What keeps a model from being fitted, and what to do about it."""


@dataclass(frozen=True)
class Users:
    """Users on one or more dates: features, and what else was asked for, by column."""

    features: tuple[str, ...]
    rows: list[dict]

    def matrix(self):
        import numpy

        return numpy.array(
            [[row[name] for name in self.features] for row in self.rows], dtype=float
        )

    def column(self, name):
        import numpy

        return numpy.array([float(row[name]) for row in self.rows])


def main(argv=None):
    """Fit one model; return the exit code."""
    arguments = parse(argv)
    try:
        check_packages()
        with connect(arguments.warehouse) as connection:
            COMMANDS[arguments.model](connection, arguments)
    except (FittingError, OSError, duckdb.Error) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    return 0


def parse(argv):
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", choices=COMMANDS)
    parser.add_argument(
        "--warehouse",
        type=Path,
        metavar="FILE",
        default=TRAINING_WAREHOUSE,
        help=f"a warehouse or what was published of it; default: {TRAINING_WAREHOUSE}",
    )
    parser.add_argument(
        "--seeds",
        type=Path,
        metavar="FOLDER",
        default=ROOT / "seeds",
        help="where the seeds are written; default: seeds",
    )
    parser.add_argument(
        "--clusters",
        type=int,
        metavar="K",
        help="the number of clusters; default: the one with the best silhouette of "
        f"{CLUSTER_COUNTS.start} to {CLUSTER_COUNTS.stop - 1}",
    )
    arguments = parser.parse_args(argv)
    if arguments.clusters is not None and arguments.model != "clusters":
        parser.error("--clusters belongs to the model clusters")
    if arguments.clusters is not None and arguments.clusters < 2:
        parser.error("--clusters: a whole number from 2")
    return arguments


def check_packages():
    for package in ("scipy", "sklearn"):
        if importlib.util.find_spec(package) is None:
            raise FittingError(
                f"{package} is not installed. Run: "
                f"pip install --no-deps -r {REQUIREMENTS}"
            )


def connect(warehouse):
    if not warehouse.is_file():
        raise FittingError(
            f"there is no file {warehouse}. {PROGRAM} --help says how to build it."
        )
    return duckdb.connect(str(warehouse), read_only=True)


# What is read


def select(connection, sql, parameters=()):
    result = connection.execute(sql, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def feature_names(connection):
    """The features are the numbers of user_features, in the order of its columns."""
    rows = select(
        connection,
        "select column_name from information_schema.columns"
        " where table_schema = 'facts' and table_name = 'user_features'"
        " and data_type = 'DOUBLE' order by ordinal_position",
    )
    if not rows:
        raise FittingError(
            "the warehouse has no table facts.user_features. "
            f"{PROGRAM} --help says how to build it."
        )
    return tuple(row["column_name"] for row in rows)


def known_dates(connection, outcome):
    """The snapshot dates whose outcome is known, with enough history before them."""
    rows = select(
        connection,
        f"""
        select outcomes.as_of_date, min(facts.first_event_date) as first_date
        from facts.buyer_outcomes as outcomes
        cross join (
            select min(first_event_date) as first_event_date from facts.user_facts
        ) as facts
        where outcomes.{outcome} is not null
        group by outcomes.as_of_date
        order by outcomes.as_of_date
        """,
    )
    return [
        row["as_of_date"]
        for row in rows
        if (row["as_of_date"] - row["first_date"]).days >= WARM_UP_DAYS
    ]


def too_few_dates(dates, days):
    return FittingError(
        f"there are {len(dates)} snapshot dates with {WARM_UP_DAYS} days of history "
        f"before and {days} days after them; needed are two that are {days} days "
        f"apart or more. {PROGRAM} --help says how to build a warehouse with monthly "
        "snapshots."
    )


# What is written


def rounded(number):
    return round(float(number), DECIMALS)


def read_seed(folder, name):
    path = folder / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_seed(folder, name, rows, model=None):
    """Write a seed, or the lines of one model in a seed that others share."""
    if model:
        others = [row for row in read_seed(folder, name) if row["model"] != model]
        rows = sorted(
            [*others, *({"model": model} | row for row in rows)],
            key=lambda row: row["model"],
        )
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, SEED_COLUMNS[name], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {len(rows)} lines to {path.name}")


def quality_rows(data, dates, metrics):
    return [
        {
            "data": data,
            "metric": metric,
            "value": rounded(value),
            "first_date": min(dates),
            "last_date": max(dates),
        }
        for metric, value in metrics.items()
    ]


def scaling_rows(features, means, deviations):
    return [
        {"feature": name, "mean": mean, "standard_deviation": deviation}
        for name, mean, deviation in zip(features, means, deviations, strict=True)
    ]


def scaling(matrix):
    """Mean and standard deviation of each feature, as they are written down."""
    means = [rounded(value) for value in matrix.mean(axis=0)]
    # What is the same for everybody tells nobody apart, whatever it is divided by.
    deviations = [rounded(value) or 1.0 for value in matrix.std(axis=0)]
    return means, deviations


# Clusters


def fit_clusters(connection, arguments):
    features = feature_names(connection)
    rows = select(
        connection,
        f"""
        select as_of_date, {", ".join(features)}
        from facts.user_features
        where
            is_active_known_user
            and as_of_date = (select max(as_of_date) from facts.user_features)
        order by user_id
        """,
    )
    counts = [arguments.clusters] if arguments.clusters else list(CLUSTER_COUNTS)
    if len(rows) <= max(counts):
        raise FittingError(
            f"there are {len(rows)} active known users on the last date, too few for "
            f"{max(counts)} clusters."
        )
    matrix = Users(features, rows).matrix()
    means, deviations = scaling(matrix)
    points = (matrix - means) / deviations
    fitted = {count: k_means(points, count) for count in counts}
    silhouettes = {count: silhouette(points, fitted[count]) for count in counts}
    for count, value in silhouettes.items():
        print(f"{count} clusters: silhouette {value:.3f}")
    best = max(counts, key=lambda count: (rounded(silhouettes[count]), -count))
    if not arguments.clusters:
        print(f"suggested and taken: {best} clusters (--clusters K takes another)")
    quality = {"user_count": len(rows), "cluster_count": best} | {
        f"silhouette_of_{count}_clusters": value for count, value in silhouettes.items()
    }
    day = rows[0]["as_of_date"]
    write_seed(
        arguments.seeds, "cluster_centroids", centroid_rows(features, fitted[best])
    )
    write_seed(
        arguments.seeds,
        "feature_scalings",
        scaling_rows(features, means, deviations),
        model="clusters",
    )
    write_seed(
        arguments.seeds,
        "model_quality",
        quality_rows("train", [day], quality),
        model="clusters",
    )


def k_means(points, count):
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=count, n_init=10, random_state=RANDOM_STATE).fit(points)


def silhouette(points, fitted):
    from sklearn.metrics import silhouette_score

    size = min(SILHOUETTE_USERS, len(points))
    return silhouette_score(
        points, fitted.labels_, sample_size=size, random_state=RANDOM_STATE
    )


def centroid_rows(features, fitted):
    """The centroids, the largest cluster first, in standard deviations off the mean."""
    clusters = sorted(
        (
            (int((fitted.labels_ == label).sum()), [rounded(z) for z in centroid])
            for label, centroid in enumerate(fitted.cluster_centers_)
        ),
        key=lambda cluster: (-cluster[0], cluster[1]),
    )
    everybody = sum(size for size, _ in clusters)
    rows, names = [], set()
    for number, (size, centroid) in enumerate(clusters, 1):
        name = cluster_name(dict(zip(features, centroid, strict=True)), names)
        names.add(name)
        share = f"{size:,} of {everybody:,} users ({100 * size / everybody:.1f} %)"
        rows += [
            {
                "cluster": number,
                "name": name,
                "feature": feature,
                "centroid": z,
                "comment": share,
            }
            for feature, z in zip(features, centroid, strict=True)
        ]
        print(f"  {number} {name}: {share}")
    return rows


def cluster_name(centroid, taken):
    """The two features that stand out most, and more if that name is taken."""
    ordered = sorted(centroid, key=lambda feature: (-abs(centroid[feature]), feature))
    words = [word_for(feature, centroid[feature]) for feature in ordered]
    most = sum(abs(centroid[feature]) >= STANDS_OUT_FROM for feature in ordered)
    if not most:
        words.insert(0, "average")
    for length in range(min(2, most) or 1, len(words) + 1):
        name = "_".join(words[:length])
        if name not in taken:
            return name
    return f"{name}_{len(taken) + 1}"


def word_for(feature, z):
    high, low = WORDS.get(feature, (f"high_{feature}", f"low_{feature}"))
    return high if z >= 0 else low


# Churn


def fit_churn(connection, arguments):
    outcome = f"purchase_count_next_{CHURN_DAYS}d"
    dates = known_dates(connection, outcome)
    train_dates, test_dates = split(dates, CHURN_DAYS)
    features = feature_names(connection)
    train = recent_buyers(connection, features, outcome, train_dates)
    test = recent_buyers(connection, features, outcome, test_dates)
    means, deviations = scaling(train.matrix())
    points = (train.matrix() - means) / deviations
    coefficients, intercept = logistic_regression(points, train.column("is_churned"))
    seed = [
        {
            "feature": "intercept",
            "coefficient": intercept,
            "comment": "A buyer who is average in everything leaves with a probability "
            f"of {1 / (1 + math.exp(-intercept)):.3f}",
        }
    ] + [
        {
            "feature": feature,
            "coefficient": coefficient,
            "comment": "One standard deviation more, all else the same, multiplies "
            f"the odds of leaving by {math.exp(coefficient):.2f}",
        }
        for feature, coefficient in zip(features, coefficients, strict=True)
    ]
    quality = []
    for data, users, days in (
        ("train", train, train_dates),
        ("test", test, test_dates),
    ):
        logits = ((users.matrix() - means) / deviations) @ coefficients + intercept
        metrics = churn_metrics(logits, users.column("is_churned"))
        quality += quality_rows(data, days, metrics)
        print(
            f"{data}: {min(days)} to {max(days)}, "
            + ", ".join(f"{name} {value:,.3f}" for name, value in metrics.items())
        )
    write_seed(arguments.seeds, "churn_coefficients", seed)
    write_seed(
        arguments.seeds,
        "feature_scalings",
        scaling_rows(features, means, deviations),
        model="churn",
    )
    write_seed(arguments.seeds, "model_quality", quality, model="churn")


def split(dates, days):
    """Dates to fit on and dates to test on.

    The last outcome fitted on is known by the first date tested on. Of all such splits
    that with the most dates on the smaller side, and then the most to fit on.
    """
    splits = []
    for position, first_test_date in enumerate(dates):
        last_train_date = first_test_date - timedelta(days=days)
        train = [day for day in dates if day <= last_train_date]
        test = dates[position:]
        splits.append((min(len(train), len(test)), len(train), train, test))
    best = max(splits, default=(0, 0, [], []))
    if not best[0]:
        raise too_few_dates(dates, days)
    return best[2], best[3]


def recent_buyers(connection, features, outcome, dates):
    rows = select(
        connection,
        f"""
        select
            {", ".join(f"features.{name}" for name in features)},
            outcomes.{outcome} = 0 as is_churned
        from facts.user_features as features
        inner join facts.buyer_outcomes as outcomes using (as_of_date, user_id)
        where features.is_recent_buyer and features.as_of_date in $dates
        order by features.as_of_date, features.user_id
        """,
        {"dates": dates},
    )
    if len({row["is_churned"] for row in rows}) < 2:
        raise FittingError(
            f"from {min(dates)} to {max(dates)} all of {len(rows)} recent buyers have "
            "the same outcome, so that there is nothing to tell apart."
        )
    return Users(features, rows)


def logistic_regression(points, outcomes):
    import numpy
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1_000)
    model.fit(points, outcomes)
    coefficients = numpy.array([rounded(value) for value in model.coef_[0]])
    return coefficients, rounded(model.intercept_[0])


def churn_metrics(logits, outcomes):
    import numpy
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    probabilities = 1 / (1 + numpy.exp(-logits))
    # As good as no penalty: 1 and 0 would be a calibration without fault.
    calibration = LogisticRegression(C=1e9, tol=1e-8, max_iter=1_000)
    calibration.fit(logits.reshape(-1, 1), outcomes)
    return {
        "user_count": len(outcomes),
        "base_rate": outcomes.mean(),
        "mean_probability": probabilities.mean(),
        "auc": roc_auc_score(outcomes, probabilities),
        "brier": brier_score_loss(outcomes, probabilities),
        "calibration_slope": calibration.coef_[0][0],
        "calibration_intercept": calibration.intercept_[0],
    }


# Value


def fit_value(connection, arguments):
    outcome = f"revenue_next_{VALUE_DAYS}d"
    train_dates, test_dates = split(known_dates(connection, outcome), VALUE_DAYS)
    # One date says all: the purchases up to it hold those up to the dates before.
    train_date = max(train_dates)
    train = buyers(connection, train_date)
    bg_nbd = fit_bg_nbd(train)
    prior_value, prior_count = order_value_prior(train)
    parameters = {
        **bg_nbd,
        "prior_purchase_count": prior_count,
        "prior_order_value": prior_value,
    }
    quality = []
    for data, days in (("train", [train_date]), ("test", test_dates)):
        metrics = value_metrics([buyers(connection, day) for day in days], parameters)
        quality += quality_rows(data, days, metrics)
        print(
            f"{data}: {min(days)} to {max(days)}, "
            + ", ".join(f"{name} {value:,.3f}" for name, value in metrics.items())
        )
    write_seed(
        arguments.seeds,
        "value_parameters",
        [
            {
                "parameter": name,
                "value": value,
                "comment": PARAMETER_COMMENTS[name],
            }
            for name, value in parameters.items()
        ],
    )
    write_seed(arguments.seeds, "model_quality", quality, model="value")


PARAMETER_COMMENTS = {
    "r": "Shape of how often buyers purchase; r / alpha purchases a day on average",
    "alpha": "Rate of the same in days",
    "a": "Buyers leave after a purchase with probability a / (a + b) on average",
    "b": "The more a and b the more alike buyers are in that",
    "prior_purchase_count": "The mean order of all counts as so many orders of a buyer",
    "prior_order_value": "Mean revenue of an order over buyers",
}


def buyers(connection, day):
    """Buyers on a date as BG/NBD sees them: repeated purchases, last one and age."""
    rows = select(
        connection,
        f"""
        select
            facts.purchase_count,
            facts.purchase_count - 1 as repeated_purchase_count,
            facts.days_since_first_purchase - facts.days_since_last_purchase
                as last_purchase_age_days,
            facts.days_since_first_purchase as age_days,
            facts.revenue,
            outcomes.purchase_count_next_{VALUE_DAYS}d as next_purchase_count,
            outcomes.revenue_next_{VALUE_DAYS}d as next_revenue
        from facts.user_facts as facts
        inner join facts.buyer_outcomes as outcomes using (as_of_date, user_id)
        where facts.as_of_date = $day
        order by facts.user_id
        """,
        {"day": day},
    )
    return Users((), rows)


def fit_bg_nbd(users):
    """The four parameters under which what buyers did is most likely."""
    import numpy
    from scipy.optimize import minimize
    from scipy.special import gammaln

    x = users.column("repeated_purchase_count")
    last = users.column("last_purchase_age_days")
    age = users.column("age_days")

    def negative_log_likelihood(logs):
        r, alpha, a, b = numpy.exp(logs)
        rate = gammaln(r + x) - gammaln(r) + r * numpy.log(alpha)
        leaving = (
            gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        )
        there = -(r + x) * numpy.log(alpha + age)
        gone = numpy.where(
            x > 0,
            numpy.log(a)
            - numpy.log(b + numpy.maximum(x, 1) - 1)
            - (r + x) * numpy.log(alpha + last),
            -numpy.inf,
        )
        return -(rate + leaving + numpy.logaddexp(there, gone)).mean()

    found = minimize(
        negative_log_likelihood,
        numpy.log([0.5, 30.0, 0.5, 2.0]),
        method="Nelder-Mead",
        options={"maxiter": 10_000, "xatol": 1e-8, "fatol": 1e-12},
    )
    if not found.success:
        raise FittingError(f"BG/NBD was not fitted: {found.message}")
    values = [rounded(value) for value in numpy.exp(found.x)]
    if min(values) <= 0:
        raise FittingError(
            "BG/NBD was not fitted: a parameter is 0, so that buyers never leave, or "
            "never buy, as far as these data tell."
        )
    return dict(zip(("r", "alpha", "a", "b"), values, strict=True))


def order_value_prior(users):
    """The mean order of all, and how many orders of a buyer's own it is worth.

    The mean of n orders varies between buyers by what buyers differ in and by 1/n of
    what orders differ in. A line through the squared deviations tells the two apart.
    """
    import numpy

    count = users.column("purchase_count")
    mean = users.column("revenue") / count
    centre = mean.mean()
    of_orders, of_buyers = numpy.polyfit(1 / count, (mean - centre) ** 2, 1)
    if of_buyers <= 0:
        return rounded(centre), LARGEST_PRIOR_PURCHASES
    weight = max(of_orders, 0) / of_buyers
    return rounded(centre), rounded(min(weight, LARGEST_PRIOR_PURCHASES))


def expectations(users, p):
    """Expected purchases and revenue of the next days; user_scores says the same."""
    import numpy

    x = users.column("repeated_purchase_count")
    last = users.column("last_purchase_age_days")
    age = users.column("age_days")
    gone_odds = numpy.where(
        x > 0,
        p["a"]
        / (p["b"] + numpy.maximum(x, 1) - 1)
        * ((p["alpha"] + age) / (p["alpha"] + last)) ** (p["r"] + x),
        0,
    )
    rate = (p["r"] + x) / (p["alpha"] + age)
    leaving = p["a"] / (p["a"] + p["b"] + x)
    purchases = (1 - numpy.exp(-rate * leaving * VALUE_DAYS)) / leaving
    purchases = purchases / (1 + gone_odds)
    prior = p["prior_purchase_count"]
    order_value = (prior * p["prior_order_value"] + users.column("revenue")) / (
        prior + users.column("purchase_count")
    )
    return purchases, purchases * numpy.maximum(order_value, 0)


def value_metrics(users_by_day, parameters):
    """How much was expected and how much came, added up over the dates."""
    import numpy

    predictions = [expectations(users, parameters) for users in users_by_day]
    purchases = numpy.concatenate([of_purchases for of_purchases, _ in predictions])
    revenue = numpy.concatenate([of_revenue for _, of_revenue in predictions])
    next_purchases = numpy.concatenate(
        [users.column("next_purchase_count") for users in users_by_day]
    )
    next_revenue = numpy.concatenate(
        [users.column("next_revenue") for users in users_by_day]
    )
    if not next_revenue.sum() or not next_purchases.sum():
        raise FittingError("nobody bought in the days after, so that nothing compares.")
    top = numpy.argsort(-revenue, kind="stable")[: math.ceil(len(revenue) / 10)]
    return {
        "user_count": len(revenue),
        "predicted_purchase_count": purchases.sum(),
        "observed_purchase_count": next_purchases.sum(),
        "purchase_ratio": purchases.sum() / next_purchases.sum(),
        "predicted_revenue": revenue.sum(),
        "observed_revenue": next_revenue.sum(),
        "revenue_ratio": revenue.sum() / next_revenue.sum(),
        "top_decile_revenue_share": next_revenue[top].sum() / next_revenue.sum(),
    }


COMMANDS = {"clusters": fit_clusters, "churn": fit_churn, "value": fit_value}


if __name__ == "__main__":
    raise SystemExit(main())
