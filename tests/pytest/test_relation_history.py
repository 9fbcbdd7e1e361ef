"""Raw relations tell nothing of loads: new rows are found by event, and users by all
that their rows say. After each change the tables are those of a build from nothing."""

import duckdb
import pytest
from segmentations import FEW_SEGMENTATIONS

from table_comparison import contents, differences, relations_of

pytest_plugins = "dbt_project"

VARIABLES = {"load_date": "2026-07-01", "as_of_date": "2026-06-30"}
MODELS = ("+user_facts", "+rejected_rows", "+raw_row_counts", "+int_traits_as_of")

FIRST = """
    create schema landing;
    create table landing.events as
    select
        'e' || n as event_id,
        ['login', 'purchase', 'product_viewed'][n % 3 + 1] as event_name,
        timestamp '2026-05-01' + to_hours(n * 7) as occurred_at,
        timestamp '2026-05-02' + to_hours(n * 7) as received_at,
        case when n % 5 > 0 then 'u' || n % 9 end as user_id,
        'd' || n % 6 as anonymous_id,
        n as revenue
    from range(150) as numbers(n);
    insert into landing.events values (null, 'login', '2026-05-03', null, 'u1', null, 0);
    create table landing.users as
    select
        'u' || n as user_id,
        'free' as plan,
        '{"tier": "gold"}' as traits
    from range(9) as numbers(n);
"""

CHANGES = {
    "new events, late ones among them": """
        insert into landing.events values
            ('new1', 'purchase', '2026-06-29', '2026-06-29', 'u1', 'd1', 10),
            ('late', 'purchase', '2026-05-04', '2026-06-29', 'u2', 'd2', 20)
    """,
    "an event again, received earlier": """
        insert into landing.events values
            ('e7', 'purchase', '2026-05-20', '2026-05-01', 'u8', 'd9', 99)
    """,
    "an event and a row without id gone": """
        delete from landing.events where event_id = 'e8' or event_id is null
    """,
    "a user changed in place": """
        update landing.users set plan = 'pro', traits = '{"tier": "silver"}'
        where user_id = 'u3'
    """,
    "a user gone, another new, one twice": """
        delete from landing.users where user_id = 'u4';
        insert into landing.users values ('u100', 'pro', null), ('u5', 'free', null)
    """,
    "nothing": "select 1",
}


@pytest.fixture(scope="module")
def project(copy_project):
    project = copy_project(
        "relation_history", raw_schema="landing", segmentations=FEW_SEGMENTATIONS
    )
    return project.parse()


def run(project):
    for command in (["seed"], ["run", *(w for m in MODELS for w in ("--select", m))]):
        answer = project.dbt(*command, "--vars", repr(VARIABLES))
        assert answer.succeeded, answer.error


def change(project, sql):
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(sql)


def test_relations_are_read_anew_where_they_differ(project, tmp_path):
    relations = relations_of(project.manifest)
    growing = project.on(tmp_path)
    change(growing, FIRST)
    run(growing)
    done = [FIRST]
    for number, (words, sql) in enumerate(CHANGES.items()):
        change(growing, sql)
        done.append(sql)
        run(growing)
        fresh = project.on(tmp_path / f"fresh_{number}")
        fresh.warehouse.parent.mkdir()
        for statement in done:
            change(fresh, statement)
        run(fresh)
        expected, actual = (
            contents(one.warehouse, relations) for one in (fresh, growing)
        )
        assert not differences(expected, actual), words


def test_without_changes_nothing_is_read(project, tmp_path):
    growing = project.on(tmp_path)
    change(growing, FIRST)
    run(growing)
    before = growing.query("select rowid, * from staging.stg_event_deliveries")
    run(growing)
    assert growing.query("select rowid, * from staging.stg_event_deliveries") == before
