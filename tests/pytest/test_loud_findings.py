"""What is legal but most likely a mistake is said in the build, not passed over."""

import pytest

pytest_plugins = "dbt_project"

HEADER = "event_id,event_name,occurred_at,user_id"
EVENTS = ["e1,purchase,2026-05-01,ann", "e2,login,2026-05-02,ann"]


@pytest.fixture(scope="module")
def statuses(copy_project, tmp_path_factory):
    """Return what builds events of a file and gives the end of each singular test."""
    # Their rules name the two events that there are, and no other.
    segmentations = ["lifecycle", "rfm", "engagement", "technographic"]
    parsed = copy_project("loud", segmentations=segmentations).parse()

    def build(lines=EVENTS, header=HEADER, **variables):
        project = parsed.on(tmp_path_factory.mktemp("shop"))
        project.raw.mkdir()
        (project.raw / "events.csv").write_text("\n".join([header, *lines]) + "\n")
        answer = project.build(**variables)
        found = {result.node.name: result.status for result in answer.value.results}
        return found, answer

    return build


def test_ordinary_events_are_found_in_order(statuses):
    found, answer = statuses()
    assert answer.succeeded, answer.error
    for name in (
        "assert_events_are_in_the_catalog",
        "assert_rules_name_events_that_occur",
        "assert_dates_of_variables_are_in_the_data",
        "assert_the_current_date_is_not_before_the_events",
        "assert_segmentations_bear_the_names_of_their_models",
    ):
        assert found[name] == "pass", name
    assert not any("not used" in warning for warning in answer.warnings)


def test_events_that_the_catalog_does_not_know_are_a_warning(statuses):
    found, answer = statuses([*EVENTS, "e3,Order Completed,2026-05-02,ann"])
    assert answer.succeeded, answer.error
    assert found["assert_events_are_in_the_catalog"] == "warn"


def test_a_rule_on_an_event_that_never_happened_is_a_warning(statuses):
    found, answer = statuses(["e1,purchase,2026-05-01,ann"])
    assert answer.succeeded, answer.error
    assert found["assert_rules_name_events_that_occur"] == "warn"


NAMES_OF_RULES = """{{{{ segmentation(segments=[
    segment('shoes', rule=performed('purchase', where={{'{property}': 'shoes'}})),
    segment('prepaid', rule=none_of(trait('{trait}', '=', 'prepaid'))),
    segment('paid', rule=performed('purchase', measure='sum', of='revenue', at_least=1)),
]) }}}}
"""


@pytest.mark.parametrize(
    ("names", "status", "found"),
    [
        ({"property": "category", "trait": "account.type"}, "pass", []),
        (
            {"property": "categroy", "trait": "account.type"},
            "warn",
            [("named", "shoes", "property", "categroy")],
        ),
        (
            {"property": "nothing", "trait": "account.kind"},
            "warn",
            [
                ("named", "prepaid", "trait", "account.kind"),
                ("named", "shoes", "property", "nothing"),
            ],
        ),
    ],
)
def test_a_rule_on_a_property_that_nobody_has_is_a_warning(
    copy_project, names, status, found
):
    """A key with null alone is none; columns of events are no properties."""
    project = copy_project("named", segmentations=["lifecycle", "named"])
    project.write("models/segments/seg_named.sql", NAMES_OF_RULES.format(**names))
    project.raw.mkdir()
    properties = '"{""category"": ""shoes"", ""nothing"": null}"'
    (project.raw / "events.csv").write_text(
        f"{HEADER},properties\n{EVENTS[0]},{properties}\n{EVENTS[1]},\n"
    )
    (project.raw / "users.csv").write_text(
        'user_id,traits\nann,"{""account"": {""type"": ""prepaid""}}"\n'
    )
    test = "assert_rules_name_properties_that_occur"
    answer = project.parse().build("+seg_named", "+seg_lifecycle", test)
    results = {result.node.name: result for result in answer.value.results}
    assert results[test].status == status, answer.error
    rows = project.query(results[test].node.compiled_code)
    assert sorted(tuple(row.values()) for row in rows) == found


def test_a_date_before_the_first_event_stops_the_build(statuses):
    found, answer = statuses(as_of_date="2026-04-30")
    assert not answer.succeeded
    assert found["assert_the_current_date_is_not_before_the_events"] == "fail"
    assert found["user_facts"] == "skipped"


def test_the_day_of_the_first_event_does_not(statuses):
    found, answer = statuses(as_of_date="2026-05-01")
    assert answer.succeeded, answer.error
    assert found["assert_dates_of_variables_are_in_the_data"] == "pass"


@pytest.mark.parametrize(
    ("variable", "date"),
    [("as_of_date", "2026-05-03"), ("drift_baseline_date", "2026-05-01")],
)
def test_a_date_that_does_not_fit_the_data_is_a_warning(statuses, variable, date):
    found, answer = statuses(**{variable: date})
    assert answer.succeeded, answer.error
    assert found["assert_dates_of_variables_are_in_the_data"] == "warn"


def test_columns_that_are_not_used_are_a_warning(statuses):
    _, answer = statuses([f"{line},5" for line in EVENTS], header=f"{HEADER},revnue")
    assert answer.succeeded, answer.error
    assert any("that are not used: revnue." in text for text in answer.warnings)


def test_a_segmentation_by_hand_must_write_its_own_name(copy_project, tmp_path):
    project = copy_project("vip", segmentations=["lifecycle", "vip"])
    project.write(
        "models/segments/seg_vip.sql",
        "{{ hand_written_segmentation(assignment='exclusive') }}\n"
        "select as_of_date, user_id, 'VIP ' as segmentation, 'all' as segment\n"
        "from {{ ref('user_facts') }}\n",
    )
    project.raw.mkdir()
    (project.raw / "events.csv").write_text("\n".join([HEADER, *EVENTS]) + "\n")
    answer = project.parse().build()
    found = {result.node.name: result.status for result in answer.value.results}
    name = "assert_segmentations_bear_the_names_of_their_models"
    assert found[name] == "fail"
    project.write(
        "models/segments/seg_vip.sql",
        (project.folder / "models/segments/seg_vip.sql")
        .read_text()
        .replace("'VIP '", "'vip'"),
    )
    answer = project.afresh().parse().build()
    assert answer.succeeded, answer.error
    [row] = project.query(
        "select assignment from memberships.segment_definitions"
        " where segmentation = 'vip'"
    )
    assert row["assignment"] == "exclusive"
