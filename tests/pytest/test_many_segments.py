"""What a segmentation of 200 segments costs: compiling, planning, and reading events."""

import json
import re
import time

import duckdb
import pytest

pytest_plugins = "dbt_project"

SEGMENT_COUNT = 200
COUNTED_EVENTS = ("purchase", "product_viewed", "login")
"""The events of RULES whose days are counted."""
RULES = (
    "performed('purchase', at_least={small}, within_days={days})",
    "all_of(performed('product_viewed', at_least={small}, within_days={days}),"
    " not_performed('purchase', within_days={days}))",
    "performed('product_viewed', at_least=2, within_days={days},"
    " where={{'category': ['in', ['shoes', 'category {number}']]}})",
    "all_of(fact('plan', '=', 'basic'), fact('tenure_days', '<', {days}),"
    " performed('login', measure='days', at_least={small}, within_days=30))",
    "any_of(first_performed('purchase', within_days={days}),"
    " performed_in_order([step('product_viewed'), step('purchase')],"
    " within_days={days}, gap_days=3), top_percent('revenue_365d', {small}))",
)


def model(segment_count):
    segments = []
    for number in range(segment_count):
        rule = RULES[number % len(RULES)].format(
            number=number, small=number % 7 + 1, days=number % 90 + 1
        )
        segments.append(f"segment('segment_{number}', rule={rule})")
    listed = ",\n    ".join(segments)
    return f"{{{{ segmentation(assignment='overlapping', segments=[\n{listed}]) }}}}"


@pytest.fixture(scope="module")
def project(copy_project):
    return copy_project("many", segmentations=["lifecycle", "many"])


@pytest.fixture(scope="module")
def compiled(project):
    """Return what gives the SQL of so many segments and the seconds that it took.

    The seconds are those of dbt's start, parsing the whole project, and compiling; the
    best of four runs, because other programs share the machine.
    """

    def compile_model(segment_count):
        project.write("models/segments/seg_many.sql", model(segment_count))
        seconds = []
        for _ in range(4):
            started = time.monotonic()
            answer = project.afresh().dbt(
                *("compile", "--select", "seg_many", "--indirect-selection", "empty"),
                "--no-partial-parse",
            )
            seconds.append(time.monotonic() - started)
            assert answer.succeeded, answer.error
        [result] = answer.value.results
        return result.node.compiled_code, min(seconds)

    return compile_model


@pytest.fixture(scope="module")
def many(compiled):
    return compiled(SEGMENT_COUNT)


def test_two_hundred_segments_add_under_three_seconds_to_the_start_of_dbt(
    compiled, many
):
    """Or less than dbt takes anyway, where that is 3 seconds or more: slow machines."""
    _, seconds_of_one = compiled(1)
    assert many[1] - seconds_of_one < max(3, seconds_of_one)


def scans(plan):
    """The tables that a plan reads, once for each time."""
    found = re.findall(r'"Table": "(?:\w+\.)*(\w+)"', json.dumps(plan))
    return sorted(found)


def test_two_hundred_segments_plan_in_a_second_and_read_no_input_per_rule(
    warehouse, many
):
    sql = many[0].replace('"warehouse".', "")
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        [(_, plan)] = warehouse.execute(f"explain (format json) {sql}").fetchall()
        seconds.append(time.monotonic() - started)
    assert min(seconds) < 1
    read = scans(json.loads(plan))
    # Days with events are read once for each of the three events that are counted, with
    # the days that identities share. Who is who is looked up for each of them and for
    # single events, which are those of the deliveries, with the catalog.
    assert read == [
        "event_catalog",
        *("int_event_days",) * 3,
        *("int_shared_event_days",) * shared_scan_count(warehouse),
        *("int_user_identities",) * 4,
        "stg_event_deliveries",
        "user_facts",
    ]


def shared_scan_count(warehouse):
    """DuckDB leaves out a scan for a name beyond the first or last one of a table."""
    [(first, last)] = warehouse.execute(
        "select min(event_name), max(event_name) from intermediate.int_shared_event_days"
    ).fetchall()
    assert first is not None
    return sum(first <= name <= last for name in COUNTED_EVENTS)


def test_a_scan_that_stands_twice_in_a_plan_is_seen():
    connection = duckdb.connect()
    connection.execute("create table numbers as select 1 as number")
    [(_, plan)] = connection.execute(
        "explain (format json) select * from numbers union all select * from numbers"
    ).fetchall()
    assert scans(json.loads(plan)) == ["numbers", "numbers"]
