"""Published RFM segments come out again, with the project installed as a package.

A host project of one model refers to the macros and tables of the project. The orders
and the results are those of the sample data of the R package `rfm`.
"""

import bisect
from collections import Counter
from pathlib import Path

import pytest

import load_csv

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT.parent / "shared" / "data" / "rfm_orders.csv"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not ORDERS.exists(), reason="the published data are not beside the project"
    ),
]

# The lower bound of each score; the smallest number of days has the highest score.
FACTS = {
    "recency": ("days_since_last_purchase", [115, 181, 297.4, 482]),
    "frequency": ("purchase_count", [4, 5, 6, 8]),
    "monetary": ("revenue", [255.8, 382, 506.4, 666]),
}
# Recency, frequency and monetary scores from and to; the first that fits wins.
RULES = {
    "champions": [(4, 5), (4, 5), (4, 5)],
    "loyal_customers": [(2, 5), (3, 5), (3, 5)],
    "potential_loyalist": [(3, 5), (1, 3), (1, 3)],
    "new_customers": [(4, 5), (1, 1), (1, 1)],
    "promising": [(3, 4), (1, 1), (1, 1)],
    "need_attention": [(2, 3), (2, 3), (2, 3)],
    "about_to_sleep": [(2, 3), (1, 2), (1, 2)],
    "at_risk": [(1, 2), (2, 5), (2, 5)],
    "cannot_lose_them": [(1, 1), (4, 5), (4, 5)],
    "lost": [(1, 2), (1, 2), (1, 2)],
}
PUBLISHED = {
    "champions": 158,
    "loyal_customers": 278,
    "potential_loyalist": 229,
    "at_risk": 86,
    "lost": 111,
    "about_to_sleep": 50,
    "need_attention": 35,
    "others": 48,
}

PROJECT_FILE = """
name: host
version: "1.0.0"
profile: host
flags:
  send_anonymous_usage_stats: false
vars:
  segmentations: [published_rfm, rfm]
  as_of_date: "2006-12-31"
  snapshot_count: 1
  raw_path: "{raw}"
"""
PROFILE = """
host:
  target: prod
  outputs:
    prod:
      type: duckdb
      path: "{{ env_var('USER_SEGMENTATION_WAREHOUSE') }}"
      schema: main
      threads: 2
"""


def score_rule(score, least, most):
    """The rule that a score is in a range, as ranges of the fact behind it."""
    column, cuts = FACTS[score]
    if score == "recency":
        least, most = 6 - most, 6 - least
    limits = []
    if least > 1:
        limits.append(f"user_segmentation.fact('{column}', '>=', {cuts[least - 2]})")
    if most < 5:
        limits.append(f"user_segmentation.fact('{column}', '<', {cuts[most - 1]})")
    return limits


def host_model():
    segments = []
    for name, ranges in RULES.items():
        limits = [
            limit
            for score, (least, most) in zip(FACTS, ranges, strict=True)
            for limit in score_rule(score, least, most)
        ]
        segments.append(
            f"user_segmentation.segment('{name}', "
            f"rule=user_segmentation.all_of({', '.join(limits)}))"
        )
    return (
        "{{ user_segmentation.segmentation(\n"
        f"    segments=[{', '.join(segments)}],\n"
        "    population=user_segmentation.performed('purchase'),\n"
        "    otherwise='others',\n"
        ") }}\n"
    )


@pytest.fixture(scope="module")
def host(empty_project):
    """A warehouse built of the published orders by a host project."""
    project = empty_project("host")
    loaded = load_csv.main(
        [
            str(ORDERS),
            *("--user", "customer_id", "--time", "order_date", "--revenue", "revenue"),
            *("--event-name", "purchase", "--output", str(project.raw)),
        ]
    )
    assert loaded == 0
    project.write("dbt_project.yml", PROJECT_FILE.format(raw=project.raw))
    project.write("profiles.yml", PROFILE)
    project.write("packages.yml", f'packages:\n  - local: "{ROOT}"\n')
    project.write("models/seg_published_rfm.sql", host_model())
    installed = project.dbt("deps")
    assert installed.succeeded, installed.error
    answer = project.build()
    assert answer.succeeded, answer.error
    return project


def table(project, name):
    """The rows of a table; which schema it is in is the choice of the host."""
    [found] = project.query(
        "select table_schema as name from information_schema.tables "
        f"where table_name = '{name}'"
    )
    return project.query(f"select * from {found['name']}.{name}")


def test_every_segment_has_the_published_number_of_customers(host):
    members = table(host, "seg_published_rfm")
    assert Counter(row["segment"] for row in members) == PUBLISHED
    assert {str(row["as_of_date"]) for row in members} == {"2006-12-31"}


def test_champions_have_the_published_orders_and_revenue(host):
    champions = {
        row["user_id"]
        for row in table(host, "seg_published_rfm")
        if row["segment"] == "champions"
    }
    facts = [row for row in table(host, "user_facts") if row["user_id"] in champions]
    assert sum(row["purchase_count"] for row in facts) == 1234
    assert sum(row["revenue"] for row in facts) == 120_178


def test_the_tables_of_the_project_hold_the_segmentation_of_the_host(host):
    memberships = table(host, "segment_memberships")
    assert Counter(row["segmentation"] for row in memberships) == {
        "published_rfm": 995,
        "rfm": 995,
    }
    definitions = table(host, "segment_definitions")
    assert [
        row["segment"]
        for row in sorted(definitions, key=lambda row: row["position"])
        if row["segmentation"] == "published_rfm"
    ] == [*RULES, "others"]
    sizes = {
        row["segment"]: row["user_count"]
        for row in table(host, "segment_sizes")
        if row["segmentation"] == "published_rfm"
    }
    assert sizes == dict.fromkeys(RULES, 0) | PUBLISHED


@pytest.mark.parametrize(
    "value, score", [("frequency_count", "frequency"), ("monetary_amount", "monetary")]
)
def test_a_quantile_score_counts_the_values_strictly_below(value, score, host):
    buyers = table(host, "user_rfm")
    ordered = sorted(row[value] for row in buyers)
    assert len(set(ordered)) < len(ordered), "there are ties"
    for row in buyers:
        below = bisect.bisect_left(ordered, row[value])
        assert row[f"{score}_score"] == 1 + 5 * below // len(ordered)


def test_the_recency_score_counts_the_days_strictly_above(host):
    buyers = table(host, "user_rfm")
    ordered = sorted(-row["recency_days"] for row in buyers)
    for row in buyers:
        below = bisect.bisect_left(ordered, -row["recency_days"])
        assert row["recency_score"] == 1 + 5 * below // len(ordered)
