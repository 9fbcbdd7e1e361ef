"""What the demo shop plants must be found again in the warehouse."""

import pytest


def one(warehouse, sql, *parameters):
    return warehouse.execute(sql, parameters).fetchone()[0]


@pytest.mark.parametrize("table", ["events", "users"])
def test_raw_rows_are_counted_as_the_generator_wrote_them(warehouse, truth, table):
    row_count, rejected = warehouse.execute(
        "select row_count, rejected_row_count from staging.raw_row_counts"
        " where source_table = ?",
        [table],
    ).fetchone()
    assert row_count == truth[table]["rows"]
    assert rejected == truth[table]["rejected_rows"]


def test_duplicates_and_distinct_events_are_those_written(warehouse, truth):
    kept, duplicates, unreadable_json = warehouse.execute(
        "select kept_row_count, duplicate_row_count, unreadable_json_row_count"
        " from staging.raw_row_counts where source_table = 'events'"
    ).fetchone()
    assert kept == truth["events"]["distinct_events"]
    assert duplicates == truth["events"]["duplicate_rows"]
    assert unreadable_json == truth["events"]["malformed_properties"]


@pytest.mark.parametrize("table", ["events", "users"])
def test_each_broken_row_is_rejected_for_its_own_reason(warehouse, truth, table):
    found = dict(
        warehouse.execute(
            "select rejected_reason, count(*) from staging.rejected_rows"
            " where source_table = ? group by all",
            [table],
        ).fetchall()
    )
    assert found == truth[table]["rejected_rows_by_reason"]


def test_staff_bots_and_test_accounts_are_nobody(warehouse, truth):
    excluded = truth["excluded"]
    nobodies = (
        excluded["staff_user_ids"]
        + excluded["test_user_ids"]
        + excluded["bot_anonymous_ids"]
    )
    assert nobodies
    assert not one(
        warehouse,
        "select count(*) from facts.user_facts where user_id in (select unnest(?))",
        nobodies,
    )


@pytest.mark.parametrize(
    ("planted_name", "segmentation", "segment"),
    [
        ("loyal_shopper", "lifecycle", "loyal_shopper"),
        ("dormant", "lifecycle", "dormant"),
        ("one_time_quiet", "lifecycle", "at_risk"),
        ("frequent_login", "engagement", "power_user"),
    ],
)
def test_sizes_are_those_of_the_generator(
    warehouse, truth, planted_name, segmentation, segment
):
    found = one(
        warehouse,
        "select user_count from drift.segment_sizes where is_current"
        " and segmentation = ? and segment = ?",
        segmentation,
        segment,
    )
    assert found == truth["lifecycles"]["segments"][planted_name]["users"]


def test_the_quiet_week_shows_in_purchases(warehouse, truth):
    planted = truth["planted"]["quiet_week"]
    assert planted["in_window"]
    before, within, after = (
        one(
            warehouse,
            "select count(*) / ? from intermediate.int_events"
            " where event_group = 'purchase' and activity_date"
            " between cast(? as date) + ? and cast(? as date) + ?",
            weeks,
            planted["start_date"],
            first_day,
            planted["start_date"],
            first_day + 7 * weeks - 1,
        )
        for weeks, first_day in [(4, -28), (1, 0), (4, 7)]
    )
    assert within < 0.4 * min(before, after)


def test_migrated_users_are_in_the_app_segments(warehouse, truth):
    planted = truth["planted"]["device_migration"]
    assert planted["in_window"]
    in_app = one(
        warehouse,
        "select avg(case when segment in ('ios_app', 'android_app') then 1.0 else 0"
        " end)"
        " from segments.seg_technographic"
        " where user_id in (select unnest(?))"
        " and as_of_date = (select max(as_of_date) from segments.seg_technographic)",
        planted["user_ids"],
    )
    assert in_app > 0.9


def test_bargain_hunters_buy_at_a_discount_only(warehouse, truth):
    planted = truth["planted"]["sale_week"]
    assert planted["in_window"]
    hunters, others = (
        one(
            warehouse,
            "select avg(discounted_purchase_share_365d) from facts.user_facts"
            " where as_of_date = (select max(as_of_date) from facts.user_facts)"
            f" and user_id {negation} in (select unnest(?))",
            planted["user_ids"],
        )
        for negation in ("", "not")
    )
    assert hunters > 0.6 > others


def test_the_segment_of_bargain_hunters_is_those_that_were_planted(warehouse, truth):
    planted = set(truth["planted"]["sale_week"]["user_ids"])
    rows = warehouse.execute(
        "select user_id from memberships.segment_memberships"
        " where segmentation = 'behavioural' and segment = 'bargain_hunter'"
        " and as_of_date = (select max(as_of_date) from facts.user_facts)"
    ).fetchall()
    found = {user_id for (user_id,) in rows}
    assert len(found & planted) > 0.98 * len(found), "precision"
    assert len(found & planted) > 0.95 * len(planted), "recall"
