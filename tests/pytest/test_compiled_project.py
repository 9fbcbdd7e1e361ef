"""The models that run without dbt give what a real build of the same raw rows gives."""

from datetime import date

import pytest

from compiled_project import (
    RULE_INPUTS,
    CompilationError,
    CompiledProject,
    ModelError,
    Segmentation,
    raw_lines,
    write_raw_lines,
)

pytest_plugins = "dbt_project"

D = date(2026, 6, 30)
VARIABLES = {
    "as_of_date": "2026-06-30",
    "load_date": "2026-07-01",
    "snapshot_cadence": "day",
    "snapshot_count": 1,
}


def event(number, day, user=None, name="purchase", **columns):
    """A raw event on a day, or at a time, with a number as its id."""
    given = {"event_id": f"e{number}", "event_name": name, "occurred_at": day}
    return given | {"user_id": user} | columns


# Something of all that staging, identities and facts tell apart.
EVENTS = [
    event(1, "2026-05-02 23:59:59", "ann", revenue="19.99", quantity="1"),
    event(2, "2026-06-30 01:00:00", "ann", revenue="0.1", platform="ios"),
    event(2, "2026-06-29 01:00:00", "ann", received_at="2026-07-01 00:00:00"),
    event(3, "2026-06-30 02:00:00", "ann", "refund", revenue="-5"),
    event(4, "2025-12-30", "bob", properties='{"category": "it\'s 100 %"}'),
    event(5, "2026-06-01 10:00:00", None, "product_viewed", anonymous_id="device"),
    event(6, "2026-06-20T10:00:00+02:00", "cid", "login", anonymous_id="device"),
    event(7, "2026-06-20 10:31:00", "cid", "login", anonymous_id="", city=""),
    event(8, "2026-06-28 10:00:00", None, anonymous_id="nobody's", country="Peru"),
    event(9, "2026-06-28 10:00:00", "dee", "product_viewed", properties="{broken"),
    event(10, "yesterday", "dee"),
    event(11, "2026-07-15", "dee"),
    event(12, "2026-06-30 03:00:00", "test_account"),
    event(None, "2026-06-30 03:00:00", "dee"),
]
USERS = [
    {"user_id": "ann", "signed_up_at": "2026-01-01", "plan": "basic", "city": "Rome"},
    {"user_id": "ann", "updated_at": "2026-06-25", "plan": "plus", "city": ""},
    {"user_id": "eve", "traits": '{"size": 4, "note": ""}', "birth_date": "2000-02-29"},
    {"user_id": "fay", "email": "fay@demoshop.example"},
]


@pytest.fixture(scope="module")
def compiled(parsed_project):
    return CompiledProject(parsed_project, **VARIABLES)


@pytest.fixture(scope="module")
def buyers(compiled):
    """The SQL of everyone who has purchased."""
    return compiled.sql_of({"buyer": "performed('purchase')"})


@pytest.mark.parametrize(
    "variables",
    [
        {"snapshot_cadence": "week", "snapshot_count": 12},
        {"snapshot_cadence": "day", "time_zone": "America/Los_Angeles"},
    ],
    ids=["weeks", "days in Los Angeles"],
)
def test_a_world_is_what_a_build_of_the_same_rows_makes(
    parsed_project, tmp_path, variables
):
    variables = VARIABLES | {"snapshot_count": 3} | variables
    built = parsed_project.on(tmp_path)
    built.raw.mkdir()
    write_raw_lines(built.raw, "events", raw_lines("events", EVENTS))
    write_raw_lines(built.raw, "users", raw_lines("users", USERS))
    needed = (*RULE_INPUTS, "seg_lifecycle")
    answer = built.build(*(f"+{name}" for name in needed), **variables)
    assert answer.succeeded, answer.error

    compiled = CompiledProject(parsed_project, needed, **variables)
    compiled.load(EVENTS, USERS)
    for relation in (
        "facts.user_facts",
        "intermediate.int_user_events",
        "intermediate.int_user_event_days",
        "intermediate.int_traits_as_of",
        "segments.seg_lifecycle",
    ):
        sql = f"select * from {relation} order by all"
        expected = built.query(sql)
        assert expected, relation
        assert compiled.query(sql) == expected, relation
    members = compiled.members(compiled.sql_of_model("seg_lifecycle"))
    assert members[D, "loyal_shopper"] == {"ann"}
    assert members[D, "dormant"] == {"bob"}


def test_a_load_leaves_nothing_of_the_one_before(compiled, buyers):
    for user in ("ann", "bob"):
        compiled.load([event(1, "2026-06-30", user)])
        assert compiled.members(buyers) == {(D, "buyer"): {user}}
    compiled.load([event(1, "2026-06-30", "ann", "login")])
    assert compiled.members(buyers) == {}


def test_only_what_reads_changed_rows_is_rebuilt_and_that_always(compiled):
    sql = compiled.sql_of(
        {"buyer": "performed('purchase')", "plus": "fact('plan', '=', 'plus')"}
    )
    events = [event(1, "2026-06-30", "ann")]
    users = [{"user_id": "ann", "plan": "plus"}]
    compiled.load(events, users)
    assert compiled.members(sql) == {(D, "buyer"): {"ann"}, (D, "plus"): {"ann"}}
    users[0]["plan"] = "basic"
    compiled.load(events, users)
    assert compiled.members(sql) == {(D, "buyer"): {"ann"}}
    events[0]["event_name"] = "login"
    users[0]["plan"] = "plus"
    compiled.load(events, users)
    assert compiled.members(sql) == {(D, "plus"): {"ann"}}
    events[0]["event_name"] = "purchase"
    compiled.load(events, users)
    assert compiled.members(sql) == {(D, "buyer"): {"ann"}, (D, "plus"): {"ann"}}
    compiled.load(events)
    assert compiled.members(sql) == {(D, "buyer"): {"ann"}}


def test_a_load_after_one_that_failed_is_whole(parsed_project, buyers):
    compiled = CompiledProject(parsed_project, **VARIABLES)
    compiled.load([event(1, "2026-06-30", "ann")])
    compiled.query("alter table reference.event_catalog rename to elsewhere")
    with pytest.raises(ModelError):
        compiled.load([event(1, "2026-06-30", "bob")])
    compiled.query("alter table reference.elsewhere rename to event_catalog")
    compiled.load([event(1, "2026-06-30", "bob")])
    assert compiled.members(buyers) == {(D, "buyer"): {"bob"}}


def test_null_and_empty_text_stay_apart(compiled):
    sql = compiled.sql_of(
        {"roman": "fact('city', '=', 'Rome')", "homeless": "fact('city', 'is not set')"}
    )
    rows = [
        {"user_id": user, "signed_up_at": day, "city": city}
        for user in ("cleared", "kept")
        for day, city in [
            ("2026-06-01", "Rome"),
            ("2026-06-02", "" if user == "cleared" else None),
        ]
    ]
    compiled.load([event(1, "2026-06-30", "kept")], rows)
    assert compiled.members(sql) == {
        (D, "roman"): {"kept"},
        (D, "homeless"): {"cleared"},
    }


@pytest.mark.parametrize(
    "text",
    ["it's", 'say "hi"', "100 % {{ x }}", "two\nlines", "\\", "a,b", "\x1f", "東京 😀"],
)
def test_any_text_arrives_as_it_is(compiled, text):
    compiled.load([event(1, "2026-06-30", "ann", text, city=text)])
    [row] = compiled.query("select event_name, city from intermediate.int_user_events")
    assert row == {"event_name": text, "city": text}


def test_a_time_zone_reaches_the_models_and_the_rules(parsed_project):
    compiled = CompiledProject(
        parsed_project, time_zone="America/Los_Angeles", **VARIABLES
    )
    sql = compiled.sql_of(
        {
            "on_the_day": "performed('purchase', within_days=1)",
            "due_then": "performed('purchase', where={'due': ['within days', 1]})",
        }
    )
    times = {
        "too_early": "2026-06-30 06:59:59",
        "first": "2026-06-30 07:00:00",
        "last": "2026-07-01 06:59:59",
        "too_late": "2026-07-01 07:00:00",
    }
    compiled.load(
        [
            event(number, "2026-06-01", user, properties=f'{{"due": "{time}"}}')
            for number, (user, time) in enumerate(times.items(), 1)
        ]
        + [
            event(number, time, user)
            for number, (user, time) in enumerate(times.items(), 11)
        ]
    )
    assert compiled.members(sql) == {
        (D, "on_the_day"): {"first", "last"},
        (D, "due_then"): {"first", "last"},
    }


def test_settings_of_one_project_do_not_meet(parsed_project, compiled, buyers):
    other = CompiledProject(parsed_project, **VARIABLES | {"as_of_date": "2026-06-29"})
    compiled.load([event(1, "2026-06-30", "ann")])
    other.load([event(1, "2026-06-29", "bob")])
    assert compiled.members(buyers) == {(D, "buyer"): {"ann"}}
    assert other.members(buyers) == {(date(2026, 6, 29), "buyer"): {"bob"}}


def test_many_segmentations_are_each_what_they_are_alone(compiled):
    many = [
        Segmentation({"a": "performed('x')"}),
        Segmentation({"a": "performed('y')"}, population="performed('x')"),
        Segmentation(
            {"a": "everyone()", "b": "everyone()"},
            assignment="exclusive",
            otherwise="c",
        ),
    ]
    alone = [
        compiled.sql_of({"a": "performed('x')"}),
        compiled.sql_of({"a": "performed('y')"}, "performed('x')"),
        compiled.sql_of(
            {"a": "everyone()", "b": "everyone()"}, None, "exclusive", "c"
        ),
    ]
    assert compiled.sql_of_many(many) == alone


def test_an_error_in_a_rule_is_told_in_the_words_of_the_project(compiled):
    with pytest.raises(CompilationError, match="seg_example, segment 'a', .*at_least"):
        compiled.sql_of({"a": "performed('x', at_least=-1)"})
    assert compiled.sql_of({"a": "performed('x')"})


def test_a_failing_model_is_named(parsed_project):
    compiled = CompiledProject(parsed_project, **VARIABLES)
    compiled.query("drop table reference.event_catalog")
    with pytest.raises(ModelError, match="model int_events: .*event_catalog"):
        compiled.load(EVENTS, USERS)


def test_a_rule_on_what_is_not_loaded_says_what_to_load(compiled):
    with pytest.raises(LookupError, match="seg_lifecycle: name it in `needed`"):
        compiled.sql_of({"a": "in_segment('seg_lifecycle', 'new')"})
    with pytest.raises(LookupError, match="seg_lifecycle is not loaded"):
        compiled.sql_of_model("seg_lifecycle")
    with pytest.raises(LookupError, match="no model seg_lifecycel"):
        CompiledProject(compiled.project, ["seg_lifecycel"])


def test_a_user_twice_in_a_segment_is_an_error(compiled, buyers):
    compiled.load([event(1, "2026-06-30", "ann")])
    with pytest.raises(ModelError, match="ann is twice in buyer on 2026-06-30"):
        compiled.members(f"({buyers}) union all ({buyers})")


def test_an_unknown_column_of_a_raw_row_is_an_error(compiled):
    with pytest.raises(ValueError, match="raw events has no column prpoerties; it has"):
        compiled.load([event(1, "2026-06-30", "ann", prpoerties="{}")])


@pytest.mark.parametrize("name", ["segmentations", "raw_path"])
def test_a_variable_that_comes_too_late_is_an_error(parsed_project, name):
    with pytest.raises(ValueError, match=f"{name} can not be set here"):
        CompiledProject(parsed_project, **{name: None})
