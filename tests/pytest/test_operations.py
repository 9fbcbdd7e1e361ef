"""What the operations print: why somebody is in a segment, what a rule would do."""

import re

import pytest
from segmentations import FEW_SEGMENTATIONS

pytest_plugins = "dbt_project"

EVENTS = """\
event_id,event_name,occurred_at,received_at,user_id,anonymous_id,properties
e1,purchase,2026-06-30 10:00:00,,ann,,
e2,purchase,2026-06-20 10:00:00,,ann,,"{""category"": ""shoes""}"
e3,purchase,2026-03-20 10:00:00,,bob,,"{""category"": ""hats""}"
e4,login,2026-06-29 10:00:00,,cid,,
e5,login,2026-06-29 11:00:00,,bob,phone,
e6,login,2026-06-28 11:00:00,,,phone,
e7,login,2026-06-28 11:00:00,,test_1,,
"""
USERS = """\
user_id,updated_at,signed_up_at,traits
ann,2026-01-01,2026-01-01,"{""account_type"": ""prepaid""}"
"""


@pytest.fixture(scope="module")
def shop(parsed_project, tmp_path_factory):
    """A built warehouse with three users and one who is left out."""
    project = parsed_project.on(tmp_path_factory.mktemp("shop"))
    project.raw.mkdir()
    (project.raw / "events.csv").write_text(EVENTS)
    (project.raw / "users.csv").write_text(USERS)
    needed = ("+segment_memberships", "+int_user_events", "+int_traits_as_of")
    answer = project.build(*needed)
    assert answer.succeeded, answer.error
    return project


@pytest.fixture(scope="module")
def run(shop):
    """Return what runs an operation and gives what it printed and how it ended."""

    def run(operation, **arguments):
        printed = []

        def listen(event):
            if event.info.name == "PrintEvent":
                printed.append(event.info.msg)

        answer = shop.dbt(
            "run-operation", operation, "--args", repr(arguments), callbacks=[listen]
        )
        return "\n".join(printed), answer

    return run


def test_a_user_is_explained_down_to_each_rule_of_a_group(run):
    printed, answer = run("explain_user", user_id="bob", segmentation="lifecycle")
    assert answer.succeeded, answer.error
    assert printed.splitlines() == [
        "",
        "lifecycle: bob on 2026-06-30 is in at_risk",
        "  out  loyal_shopper: the rule holds",
        "      no   purchased at least 2 times in the last 60 days: sees 0, needs >= 2",
        "  out  new: the rule holds and none of those before",
        "      no   tenure in days is less than 30: sees 102, needs < 30",
        "  out  dormant: the rule holds and none of those before;"
        " so from 2026-09-16 if nothing new happens",
        "      no   purchased at least once and has not purchased in the last 180 days:"
        " all of these; so from 2026-09-16 if nothing new happens",
        "        yes  purchased at least once: sees 1, needs >= 1",
        "        no   has not purchased in the last 180 days: none of these;"
        " so from 2026-09-16 if nothing new happens",
        "          yes  purchased at least once in the last 180 days:"
        " sees 1, needs >= 1; no longer from 2026-09-16 if nothing new happens",
        "  IN   at_risk: the rule holds and none of those before;"
        " no longer from 2026-09-16 if nothing new happens",
        "      yes  purchased exactly once and has not purchased in the last 90 days:"
        " all of these",
        "        yes  purchased exactly once: sees 1, needs = 1",
        "        yes  has not purchased in the last 90 days: none of these",
        "          no   purchased at least once in the last 90 days:"
        " sees 0, needs >= 1",
        "  out  active: the rule holds and none of those before, but at_risk does",
        "      yes  purchased at least once in the last 180 days: sees 1, needs >= 1;"
        " no longer from 2026-09-16 if nothing new happens",
        "  out  prospect: none of the rules before holds, but at_risk does",
    ]


def test_without_a_segmentation_all_are_explained(run):
    printed, answer = run("explain_user", user_id="ann")
    assert answer.succeeded, answer.error
    assert "lifecycle: ann on 2026-06-30 is in loyal_shopper" in printed
    assert (
        "engagement: ann on 2026-06-30 is in daily_active, weekly_active, monthly_active"
    ) in printed
    assert re.search(
        r"rfm: ann is in \w+; written by hand in models/segments/seg_rfm.sql,"
        " so there is no rule to explain",
        printed,
    )
    # Day counters move on: today's activity is 1 day ago tomorrow.
    assert (
        "days since last active is less than 1: sees 0, needs < 1;"
        " no longer from 2026-07-01 if nothing new happens"
    ) in printed


def test_a_user_is_explained_on_an_earlier_date(run):
    arguments = {"user_id": "ann", "segmentation": "lifecycle"}
    printed, answer = run("explain_user", as_of_date="2026-06-28", **arguments)
    assert answer.succeeded, answer.error
    assert "ann on 2026-06-28 is in active" in printed
    assert "in the last 60 days: sees 1, needs >= 2" in printed


@pytest.mark.parametrize(
    ("user_id", "words"),
    [
        ("phone", "phone is an anonymous id of bob; explain that user."),
        ("test_1", "test_1 is left out everywhere: "),
        ("O'Neil", "The id occurs in no event and no profile."),
    ],
)
def test_who_is_nobody_is_told_why(run, user_id, words):
    printed, answer = run("explain_user", user_id=user_id)
    assert answer.succeeded, answer.error
    assert f"Nobody is known as {user_id} on the current date." in printed
    assert words in printed


def test_somebody_of_another_date_is_told_so(run):
    printed, _ = run("explain_user", user_id="cid", as_of_date="2026-06-28")
    assert "cid is known on other dates, first on 2026-06-30." in printed


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "explain_user(user_id=): given something undefined; allowed is the id"),
        ({"user_id": ""}, 'explain_user(user_id=): given ""; allowed is the id'),
        (
            {"user_id": "ann", "segmentation": "lifecycl"},
            'explain_user(segmentation=): given "lifecycl"; allowed is one that is'
            f" switched on: {', '.join(FEW_SEGMENTATIONS)}. Did you mean 'lifecycle'?",
        ),
        (
            {"user_id": "ann", "as_of_date": "2026-06-27"},
            'explain_user(as_of_date=): given "2026-06-27"; allowed is one of the'
            " snapshot dates: ",
        ),
    ],
)
def test_a_wrong_argument_of_explain_user_is_named(run, arguments, error):
    _, answer = run("explain_user", **arguments)
    assert not answer.succeeded
    assert error in " ".join(answer.error.split())


def test_a_warehouse_that_is_not_built_is_named(parsed_project, tmp_path):
    answer = parsed_project.on(tmp_path).dbt(
        "run-operation", "explain_user", "--args", "{user_id: ann}"
    )
    assert not answer.succeeded
    assert "Build the target 'prod' first" in " ".join(answer.error.split())


def test_a_preview_has_sizes_and_overlaps(run):
    printed, answer = run(
        "preview_rule", rule="performed('purchase', within_days=60)"
    )
    assert answer.succeeded, answer.error
    lines = printed.splitlines()
    assert lines[1:3] == [
        "The rule: purchased at least once in the last 60 days",
        "On 2026-06-30: 1 of 3 users, 33.3 %",
    ]
    dates = lines.index("Size on the snapshot dates")
    assert lines[dates + 1 : dates + 6] == [
        "  as of       users   share",
        "  2026-06-30      1  33.3 %",
        "  2026-06-28      1  33.3 %",
        "  2026-06-21      1  50.0 %",
        "  2026-06-14      0   0.0 %",
    ]
    shared = lines.index("Users shared with existing segments")
    cells = "engagement.monthly_active 1 100.0 % 33.3 %".split()
    assert cells in [line.split() for line in lines[shared:]]
    assert not answer.warnings


def test_a_preview_within_a_population(run):
    printed, answer = run(
        "preview_rule",
        rule="top_percent('purchase_count', 50)",
        population="performed('purchase')",
    )
    assert answer.succeeded, answer.error
    assert "Among: purchased at least once" in printed
    assert "On 2026-06-30: 1 of 3 users" in printed


def test_a_preview_of_an_sql_predicate(run):
    printed, answer = run("preview_rule", rule="purchase_count > 1 or is_anonymous")
    assert answer.succeeded, answer.error
    assert "On 2026-06-30: 1 of 3 users" in printed


def test_a_preview_of_nobody(run):
    printed, answer = run("preview_rule", rule="performed('login', at_least=9)")
    assert answer.succeeded, answer.error
    assert "On 2026-06-30: 0 of 3 users, 0.0 %" in printed
    assert "It shares no users with an existing segment." in printed


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        ("performed('purchse')", "event 'purchse' never occurs in the data."
         " Did you mean 'purchase'?"),
        ("performed('buy*')", "event 'buy*' never occurs in the data."),
        ("performed('purchase', where={'categroy': 'shoes'})",
         "property 'categroy' never occurs in the data. Did you mean 'category'?"),
        ("performed('purchase', measure='sum', of='prize', at_least=1)",
         "property 'prize' never occurs in the data."),
        ("last_performed('purchase', having={'categori': 'shoes'})",
         "property 'categori' never occurs in the data. Did you mean 'category'?"),
        ("performed_in_order([step('login'), step('purchace')])",
         "event 'purchace' never occurs in the data. Did you mean 'purchase'?"),
        ("performed_without('logn', 'purchase')",
         "event 'logn' never occurs in the data. Did you mean 'login'?"),
        ("none_of(trait('acount_type', 'is set'))",
         "trait 'acount_type' never occurs in the data. Did you mean 'account_type'?"),
    ],
)  # fmt: skip
def test_a_preview_warns_of_names_that_never_occur(run, rule, warning):
    _, answer = run("preview_rule", rule=rule)
    assert answer.succeeded, answer.error
    assert any(
        text.strip().endswith(f"preview_rule: the {warning}")
        for text in answer.warnings
    ), answer.warnings


@pytest.mark.parametrize(
    "rule",
    [
        "performed(['purchase', 'log*'], where={'category': ['is set']})",
        "performed('*', where={'platform': 'ios'})",
        "trait('account_type', '=', 'prepaid')",
    ],
)
def test_a_preview_does_not_warn_of_names_that_occur(run, rule):
    _, answer = run("preview_rule", rule=rule)
    assert answer.succeeded, answer.error
    assert not answer.warnings


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("performed('purchase', within=3)", "unknown argument within"),
        ("preformed('purchase')", "'preformed' is undefined"),
        ("", "preview_rule(rule=): given \"\"; allowed is a rule as text"),
        ("in_segment('seg_preview', 'x')", "in_segment(model=): given"),
    ],
)
def test_a_wrong_rule_is_an_error_as_in_a_model(run, rule, error):
    _, answer = run("preview_rule", rule=rule)
    assert not answer.succeeded
    assert error in " ".join(answer.error.split())
