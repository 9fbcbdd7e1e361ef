"""Drift is found in the weeks in which stories were planted, and only there.

Three shops: the small demo as it was built; the same shop some weeks earlier, so that a
sale and a quiet week are among its dates; and published clicks of 600 users with a
checkout bug and a payment incident. What is asserted are directions and weeks.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import RAW

import load_csv

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
CLICKS = ROOT.parent / "shared" / "data" / "ecom_clickstream.csv.gz"
WEEK = timedelta(days=7)


def day(text):
    return date.fromisoformat(text)


def sunday_after(text):
    """The snapshot date that ends the week of a day."""
    found = day(text)
    return found + timedelta(days=6 - found.weekday())


# The small demo as it was built


@pytest.fixture(scope="module")
def device_shares(warehouse, truth):
    """Changes of the shares of devices since the week before, and when some began."""
    planted = truth["planted"]["device_migration"]
    assert planted["in_window"]
    rows = warehouse.execute(
        "select as_of_date, segment, share_change, is_beyond_noise"
        " from drift.segment_share_drift"
        " where segmentation = 'technographic' and comparison = 'previous'"
    ).fetchall()
    changes = {(day, segment): change for day, segment, *change in rows}
    return changes, sunday_after(planted["start_date"])


def test_the_move_to_the_app_is_found_in_its_week(device_shares):
    changes, week = device_shares
    change, is_beyond_noise = changes[week, "desktop_web"]
    assert change < 0 and is_beyond_noise
    apps = [changes[week, segment] for segment in ("ios_app", "android_app")]
    assert all(change > 0 for change, _ in apps)
    assert any(is_beyond_noise for _, is_beyond_noise in apps)


def test_devices_are_calm_before_the_move_and_weeks_after_it(device_shares):
    changes, week = device_shares
    calm = [week - WEEK, *(week + number * WEEK for number in range(3, 9))]
    devices = ("desktop_web", "mobile_web", "ios_app", "android_app")
    assert not [
        (day, segment)
        for day in calm
        for segment in devices
        if changes[day, segment][1]
    ]


def test_the_move_to_the_app_is_what_drifted_in_the_segmentation(
    warehouse, device_shares
):
    _, week = device_shares
    most_changed, is_beyond_noise = warehouse.execute(
        "select most_changed_segment, is_beyond_noise from drift.segment_drift"
        " where segmentation = 'technographic' and comparison = 'previous'"
        " and as_of_date = ?",
        [week],
    ).fetchone()
    assert (most_changed, is_beyond_noise) == ("desktop_web", True)


def test_the_move_to_the_app_is_found_among_those_who_are_active(
    warehouse, device_shares
):
    """A fact whose values are texts tells which of them changed."""
    _, week = device_shares
    found = warehouse.execute(
        "select as_of_date, most_changed_value from drift.segment_fact_drift"
        " where fact = 'last_platform' and segmentation = 'engagement'"
        " and segment = 'monthly_active' and comparison = 'previous'"
        " and is_beyond_noise"
    ).fetchall()
    assert found == [(week, "web")]


# The same shop some weeks earlier


@pytest.fixture(scope="module")
def earlier_shop(copy_project, truth):
    """Facts of each week as they drift within segments, until after the quiet week."""
    project = copy_project(
        "earlier_shop",
        segmentations=["engagement", "technographic"],
        as_of_date=str(sunday_after(truth["planted"]["quiet_week"]["end_date"]) + WEEK),
        snapshot_count=12,
        drift_facts=["purchase_count_7d", "discounted_purchase_share_365d"],
    )
    project.raw = RAW
    answer = project.build("+segment_fact_drift", "+drift_thresholds")
    assert answer.succeeded, answer.error
    rows = project.query(
        "select *, mean_value - compared_mean_value as change"
        " from drift.segment_fact_drift where comparison = 'previous'"
    )
    return {(row["as_of_date"], row["segment"], row["fact"]): row for row in rows}


DEVICES = ("desktop_web", "mobile_web", "ios_app", "android_app")


def test_in_the_quiet_week_buyers_of_every_device_buy_less(earlier_shop, truth):
    week = sunday_after(truth["planted"]["quiet_week"]["start_date"])
    for sign, date in [(-1, week), (1, week + WEEK)]:
        rows = [earlier_shop[date, name, "purchase_count_7d"] for name in DEVICES]
        assert all(row["is_beyond_noise"] for row in rows)
        assert all(row["change"] * sign > 0 for row in rows)
        assert any(row["status"] != "ok" for row in rows)


def test_before_the_quiet_week_no_device_is_warned_of(earlier_shop, truth):
    """Also in weeks of sales, every other one, whose drift is real but small."""
    week = sunday_after(truth["planted"]["quiet_week"]["start_date"])
    calm = {week - number * WEEK for number in range(1, 8)}
    found = {
        key: row["status"]
        for key, row in earlier_shop.items()
        if key[0] in calm and key[1] in DEVICES and key[2] == "purchase_count_7d"
    }
    assert len(found) == len(calm) * len(DEVICES)
    assert set(found.values()) == {"ok"}


def test_the_sale_draws_buyers_at_a_discount_in_its_week(earlier_shop, truth):
    """The week before is calm."""
    week = sunday_after(truth["planted"]["sale_week"]["start_date"])
    of_active = [
        earlier_shop[date, "monthly_active", "discounted_purchase_share_365d"]
        for date in (week - WEEK, week)
    ]
    assert [row["is_beyond_noise"] for row in of_active] == [False, True]
    assert of_active[1]["change"] > 0


# Published clicks

VISITS = """{{ segmentation(assignment='overlapping', segments=[
    segment('organic', rule=performed(
        '*', within_days=7, where={'acquisition_channel': 'organic'}
    )),
    segment('buyer', rule=performed('purchase', within_days=7)),
    segment('payment_failed', rule=performed('payment_error', within_days=7)),
    segment('left_at_payment', rule=all_of(
        performed('payment_details', within_days=7),
        not_performed('purchase', within_days=7),
    )),
    segment('asked_support', rule=performed('support_chat', within_days=7)),
    segment('stuck_on_mobile', rule=performed(
        'checkout_bug', within_days=28, where={'platform': 'mobile'}
    )),
]) }}
"""
BEFORE_THE_BUG = "2024-04-07"


@pytest.fixture(scope="module")
def clicks(copy_project):
    """How shares of the segments drifted, by comparison, segment and date."""
    project = copy_project(
        "clicks",
        segmentations=["visits"],
        snapshot_count=24,
        drift_baseline_date=BEFORE_THE_BUG,
    )
    project.write("models/segments/seg_visits.sql", VISITS)
    columns = ("--user", "user_id", "--time", "timestamp", "--event", "event")
    loaded = load_csv.main(
        [str(CLICKS), *columns, "--platform", "platform", "--all-properties"]
        + ["--output", str(project.raw)]
    )
    assert loaded == 0
    answer = project.build("+segment_drift", "+segment_fact_drift")
    assert answer.succeeded, answer.error
    rows = project.query("select * from drift.segment_share_drift")
    changes = {}
    for row in rows:
        key = row["comparison"], row["segment"]
        changes.setdefault(key, {})[str(row["as_of_date"])] = row
    return changes


def beyond_noise(changes, sign):
    return {
        day
        for day, row in changes.items()
        if row["is_beyond_noise"] and row["share_change"] * sign > 0
    }


reference = pytest.mark.skipif(
    not CLICKS.exists(), reason="the published data are not beside the project"
)


@reference
@pytest.mark.reference
@pytest.mark.parametrize(
    "segment", ["payment_failed", "left_at_payment", "asked_support"]
)
def test_the_payment_incident_begins_in_the_week_of_20_may(segment, clicks):
    """It lasts from 19 May, a Sunday, to 7 June."""
    changes = clicks["previous", segment]
    assert beyond_noise(changes, +1) == {"2024-05-26"}
    assert changes["2024-05-26"]["status"] == "alert"


@reference
@pytest.mark.reference
@pytest.mark.parametrize("segment", ["payment_failed", "left_at_payment"])
def test_the_payment_incident_is_over_in_the_week_of_10_june(segment, clicks):
    assert beyond_noise(clicks["previous", segment], -1) == {"2024-06-16"}


@reference
@pytest.mark.reference
def test_the_checkout_bug_is_found_while_it_lasts_and_for_four_weeks_more(clicks):
    """From 9 April to 9 May, compared with the week before; by 7 June it is gone.

    A few in its first weeks are not more than chance.
    """
    found = beyond_noise(clicks["baseline", "stuck_on_mobile"], +1)
    assert {"2024-04-28", "2024-05-05", "2024-05-12", "2024-05-19"} <= found
    assert found <= {str(day("2024-04-14") + number * WEEK) for number in range(8)}


@reference
@pytest.mark.reference
def test_undisturbed_weeks_are_calm(clicks):
    """March after the article, and June after the incident: nothing is beyond noise."""
    calm = [str(day("2024-03-10") + number * WEEK) for number in range(5)]
    calm += ["2024-06-23", "2024-06-29"]
    assert not [
        (segment, date)
        for (comparison, segment), changes in clicks.items()
        for date in calm
        if comparison == "previous" and changes[date]["is_beyond_noise"]
    ]


@reference
@pytest.mark.reference
def test_the_article_shows_but_is_too_small_to_tell_from_chance(clicks):
    """From 29 February to 3 March more come by search, of 283 users known by then, and
    fewer buy: ten and six users are no drift yet."""
    for segment, sign in [("organic", 1), ("buyer", -1)]:
        row = clicks["previous", segment]["2024-03-03"]
        assert row["share_change"] * sign > 0
        assert not row["is_beyond_noise"]
