"""Every test on built tables fails when the tables are made wrong on purpose."""

import shutil

import duckdb
import pytest
from conftest import RAW

pytest_plugins = "dbt_project"

# What is made wrong, and the test that must see it.
FAULTS = {
    "assert_every_buyer_has_one_rfm_segment": (
        "delete from facts.user_rfm where rowid = 2"
    ),
    "assert_windows_nest": (
        "update facts.user_facts set login_count_7d = login_count_365d + 1"
        " where rowid = 9"
    ),
    "assert_fitted_seeds_have_every_feature": (
        "delete from reference.churn_coefficients where feature = 'tenure_log'"
    ),
    "assert_nobody_excluded_has_facts": (
        "insert into reference.excluded_users (field, operator, pattern, reason)"
        " select 'user_id', '=', max(user_id), 'a reason' from facts.user_facts"
    ),
    "assert_raw_rows_add_up": (
        "delete from staging.stg_event_deliveries where delivery_number > 1"
        " and rowid % 2 = 0"
    ),
    "assert_every_delivered_event_counts_once": (
        "update staging.stg_user_deliveries set delivery_number = 2"
        " where delivery_number = 1 and user_id = (select min(user_id)"
        " from staging.stg_user_deliveries where delivery_number = 1)"
    ),
    "assert_members_are_in_the_population": (
        "insert into segments.seg_engagement select max(as_of_date), 'nobody knows',"
        " 'engagement', 'daily_active', max(rule_hash) from segments.seg_engagement"
    ),
    "assert_exclusive_segmentations_are_exclusive": (
        "insert into segments.seg_lifecycle select as_of_date, user_id, segmentation,"
        " 'new', (select max(rule_hash) from segments.seg_lifecycle"
        " where segment = 'new' and as_of_date = members.as_of_date)"
        " from segments.seg_lifecycle as members where segment = 'active' limit 1"
    ),
    "assert_members_have_a_definition": (
        "delete from memberships.segment_definitions where segment = 'prospect'"
    ),
    "assert_segmentations_bear_the_names_of_their_models": (
        "update segments.seg_technographic set segmentation = 'technical'"
        " where rowid = 4"
    ),
    "assert_intervals_give_the_memberships_back": (
        "delete from memberships.segment_membership_changes"
        " where change = 'left' and rowid = (select min(rowid)"
        " from memberships.segment_membership_changes where change = 'left')"
    ),
    "assert_the_log_adds_up_to_the_memberships": (
        "update memberships.segment_membership_log set member_change = -1"
        " where rowid = 5"
    ),
    "assert_intervals_have_no_gaps_or_overlaps": (
        "insert into memberships.segment_membership_changes"
        " select as_of_date + 1, user_id, segmentation, segment, segment_key, change,"
        " is_first_date, is_provisional from memberships.segment_membership_changes"
        " where change = 'entered' limit 1"
    ),
    "assert_restatements_are_told_once": (
        "insert into memberships.membership_restatements"
        " select as_of_date, user_id, segmentation, segment, segment, 'late data', 1,"
        " as_of_date from segments.seg_lifecycle limit 1"
    ),
    "assert_flows_add_up": (
        "update drift.segment_counts set user_count = user_count + 1"
        " where segment = 'at_risk' and segmentation = 'lifecycle' and as_of_date ="
        " (select max(as_of_date) from drift.segment_counts)"
    ),
    "assert_transitions_add_up": (
        "update drift.segment_transitions set user_count = user_count + 1"
        " where rowid = 3"
    ),
    "assert_parts_of_size_changes_add_up": (
        "update drift.segment_size_changes"
        " set movement_user_count = movement_user_count + 1 where rowid = 11"
    ),
    "assert_overlaps_are_within_bounds": (
        "update overlap.segment_overlap set both_user_count = user_count_a + 1"
        " where rowid = 7"
    ),
}

# What is most likely a mistake, and the test that must warn of it.
SUSPICIONS = {
    "assert_quality_seeds_name_segments_that_exist": (
        "update reference.overlap_budgets set other_segment = 'loyal_shoper'"
        " where rowid = 0"
    ),
    "assert_fitted_models_score_somebody": (
        "update facts.user_scores set expected_revenue_90d = null"
    ),
    "assert_identifiers_tell_users_apart": (
        "insert into intermediate.int_shared_identifiers select as_of_date, 'email',"
        " 'help@shop.example', 11, true from intermediate.int_as_of_dates"
        " where is_current"
    ),
    "assert_triggers_name_segments_that_exist": (
        "update reference.trigger_moves set to_segment = 'at risk'"
        " where trigger_name = 'win_back'"
    ),
}


@pytest.fixture(scope="module")
def run_tests(parsed_project, warehouse, tmp_path_factory):
    """Return what runs the singular tests on a copy of the tables after some SQL."""
    [built] = warehouse.execute(
        "select path from duckdb_databases() where database_name = 'warehouse'"
    ).fetchone()

    def statuses(*statements):
        project = parsed_project.on(tmp_path_factory.mktemp("faulty"))
        project.raw = RAW
        shutil.copy(built, project.warehouse)
        with duckdb.connect(str(project.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)
        answer = project.dbt("test", "--select", "test_type:singular")
        return {
            result.node.name: result.status
            for result in answer.value.results
            if result.node.resource_type == "test"
        }

    return statuses


def test_sound_tables_pass_every_test(run_tests):
    assert set(run_tests().values()) == {"pass"}


def test_each_fault_is_seen_by_its_test(run_tests):
    found = run_tests(*FAULTS.values())
    assert {name: found[name] for name in FAULTS} == dict.fromkeys(FAULTS, "fail")


def test_each_suspicion_is_a_warning_of_its_test(run_tests):
    found = run_tests(*SUSPICIONS.values())
    assert {name for name, status in found.items() if status != "pass"} == set(
        SUSPICIONS
    )
    assert {found[name] for name in SUSPICIONS} == {"warn"}


def test_users_in_two_segments_that_conflict_are_seen(copy_project, tmp_path):
    project = copy_project("conflict", segmentations=["engagement"])
    file = "models/segments/seg_engagement.sql"
    text = (project.folder / file).read_text()
    mark = "segment('weekly_active',"
    assert mark in text
    project.write(file, text.replace(mark, f"{mark} conflicts_with=['daily_active'],"))
    project.raw.mkdir()
    (project.raw / "events.csv").write_text(
        "event_id,event_name,occurred_at,user_id\n"
        "e1,login,2026-05-04,ann\n"
        "e2,login,2026-05-02,bob\n"
    )
    answer = project.parse().build()
    found = {result.node.name: result.status for result in answer.value.results}
    assert found["assert_conflicting_segments_share_nobody"] == "fail"
    [row] = project.query(
        "select user_id, segment, other_segment, conflict_user_count"
        " from overlap.segment_conflicts"
    )
    assert list(row.values()) == ["ann", "weekly_active", "daily_active", 1]
