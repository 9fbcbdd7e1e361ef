"""Random data alert no more often than stated, and a planted change is found.

Users move between segments, and their facts change, by chances that stay the same,
while some go and others come. Each run is such a crowd on three dates of its own; all
runs are in one small warehouse, on which the very SQL of the drift models is run, as
dbt compiles it. All thresholds are 0, so that nothing but the noise floor keeps a run
calm; that of the memberships left is what is left in truth.
"""

import math
from datetime import date, timedelta
from fractions import Fraction

import duckdb
import pytest
from compiled_project import with_variables

pytest_plugins = "dbt_project"

LOST = 0.03
KINDS = [
    (40, 1, LOST),
    (40, 1.1, LOST),
    (40, 2, LOST),
    (150, 1, LOST),
    (150, 1.1, LOST),
    (150, 2, LOST),
    (400, 1.1, LOST),
    (400, 2, LOST),
    (1000, 1.04, 0),
]
"""Users on the first date, by how much they grow and which share goes till the next."""
RUNS_OF_A_KIND = 45
RUNS = RUNS_OF_A_KIND * len(KINDS)
PLANTED_RUNS = 100
PLANTED_KIND = (600, 1.1, LOST)
RATE = 0.05
"""The rate of false alarms that the project states, its default."""

SEGMENTS = {"a": 0.5, "b": 0.3, "c": 0.15, "d": 0.04, "e": 0.01}
"""Exclusive, with the chance of each. Users in c count as those without a segment."""
REDRAWN = 0.3
"""The chance of a user to draw one anew from date to date."""
OVERLAPPING = {
    "wide": (0.3, 0.2),
    "twin": (0.3, 0.2),
    "rare": (0.05, 0.2),
    "still": (0.02, 0),
}
"""The chance of each, and that to draw anew. Who is in wide is in twin too."""

FACTS = {
    "revenue_90d": "decimal(18,4)",
    "purchase_count_90d": "integer",
    "average_order_value_365d": "decimal(18,4)",
    "last_platform": "varchar",
    "country": "varchar",
}
MODELS = ("segment_share_drift", "segment_drift", "segment_fact_drift")
FIRST_DATE = date(2000, 1, 1)


def stays(chances):
    """The chance of a membership to last two dates, of all memberships together.

    Given are the chances of each segment and to draw anew.
    """
    shares = sum(
        chance * ((1 - anew) ** 2 + (1 - (1 - anew) ** 2) * chance)
        for chance, anew in chances
    )
    return (1 - LOST) ** 2 * shares / sum(chance for chance, _ in chances)


MOST_LEFT = 1 - min(
    stays([(SEGMENTS[name], REDRAWN) for name in SEGMENTS if name != "c"]),
    stays(OVERLAPPING.values()),
)
"""The share of memberships that is left in truth: what is no drift may reach it."""

# A number from 0 to 1 for each run, user, date and purpose.
WORLD = """
create macro dice(run, who, step, purpose) as
    md5_number_lower(concat_ws('|', run, who, step, purpose)) / 18446744073709551616.0;
-- A fact or segment was drawn last on the date on which the user came, or later.
create macro drawn(run, who, born, step, purpose, rate) as
    case
        when step >= 2 and born < 2 and dice(run, who, 2, 'anew ' || purpose) < rate
            then 2
        when step >= 1 and born < 1 and dice(run, who, 1, 'anew ' || purpose) < rate
            then 1
        else born
    end;
create macro drawn_dice(run, who, born, step, purpose, rate) as
    dice(run, who, drawn(run, who, born, step, purpose, rate), purpose);

create table people as
select
    run, is_planted, lost, range as who,
    case when range < size then 0 when range < size * growth then 1 else 2 end as born
from (from runs), range(cast(ceil(size * growth * growth) as bigint));

create table days as
select
    people.*, step, day as as_of_date, people.run || '-' || who as user_id
from people
inner join steps on steps.run = people.run and step >= born
where
    (step < 1 or born >= 1 or dice(people.run, who, 1, 'lost') >= lost)
    and (step < 2 or born >= 2 or dice(people.run, who, 2, 'lost') >= lost);

create table memberships as
select as_of_date, user_id, 'exclusive' as segmentation, segment
from (
    select
        *, drawn_dice(run, who, born, step, 'segment', $redrawn) as drawn,
        is_planted and step = 2 and dice(run, who, step, 'planted') < $moved as is_moved
    from days
)
inner join segments
    on case when is_moved then segment = 'd' else drawn >= least and drawn < most end
where segment <> 'c'
union all
select as_of_date, user_id, 'overlapping', segment
from days
inner join overlapping
    on drawn_dice(run, who, born, step, purpose, anew) < chance;

create table user_facts as
select
    as_of_date, user_id,
    -- Heavy tails, most of it from before.
    cast(
        exp(3 * drawn_dice(run, who, born, step, 'revenue', 0.4))
        * case
            when is_planted and step = 2 and b.user_id is not null then $grown else 1
        end
        as decimal(18, 4)
    ) as revenue_90d,
    -- Most have none.
    cast(floor(greatest(
        0, 8 * drawn_dice(run, who, born, step, 'purchases', 0.5) - 6
    )) as integer) as purchase_count_90d,
    -- Most have no value.
    case when drawn_dice(run, who, born, step, 'has value', 0.2) < 0.3 then cast(
        100 * drawn_dice(run, who, born, step, 'value', 0.6) as decimal(18, 4)
    ) end as average_order_value_365d,
    -- A few common ones, many rare ones, and new ones on each date.
    case
        when drawn_dice(run, who, born, step, 'platform', 0.3) < 0.8
            then 'common ' || floor(
                4 * drawn_dice(run, who, born, step, 'platform', 0.3)
            )
        else 'rare ' || floor(
            200 * drawn_dice(run, who, born, step, 'platform', 0.3)
        )
    end as last_platform,
    -- Never changes.
    'country ' || floor(5 * dice(run, who, 0, 'country') ** 2) as country
from days
left join (from memberships where segmentation = 'exclusive' and segment = 'b') as b
    using (as_of_date, user_id);

create table segment_sizes as
select
    as_of_date, segmentation, segment, population_user_count,
    count(now.user_id) as user_count,
    count(now.user_id) - count(earlier.user_id) as entered_user_count
from (
    select as_of_date, run, step, count(*) as population_user_count
    from days group by all
) as populations
cross join definitions
left join memberships as now using (as_of_date, segmentation, segment)
left join memberships as earlier
    on
        earlier.as_of_date = populations.as_of_date - 7
        and earlier.user_id = now.user_id
        and earlier.segmentation = now.segmentation
        and earlier.segment = now.segment
        and step > 0
group by all;

create table comparisons as
select
    now.day as as_of_date, comparison, earlier.day as compared_as_of_date,
    true as is_current, false as is_provisional
from steps as now
inner join steps as earlier on now.run = earlier.run
inner join (values ('previous', 1), ('baseline', 0)) as kinds(comparison, step)
    on earlier.step = kinds.step
where now.step = 2;
"""
TABLES = {
    "drift_comparisons": "comparisons",
    "segment_memberships": "memberships",
    "user_facts": "user_facts",
    "segment_sizes": "segment_sizes",
    "segment_definitions": "definitions",
    "drift_limits": "limits",
}


def date_of(run, step):
    """Runs are further from each other than the dates of one."""
    return FIRST_DATE + timedelta(days=21 * run + 7 * step)


def insert(connection, table, columns, rows):
    connection.execute(f"create table {table} ({columns})")
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"insert into {table} values ({places})", rows)


def build_world(connection):
    kinds = KINDS * RUNS_OF_A_KIND + [PLANTED_KIND] * PLANTED_RUNS
    runs = [(run, run >= RUNS, *kind) for run, kind in enumerate(kinds)]
    insert(
        connection, "runs",
        "run integer, is_planted boolean, size integer, growth double, lost double",
        runs,
    )
    insert(
        connection, "steps", "run integer, step integer, day date",
        [(run, step, date_of(run, step)) for run, *_ in runs for step in range(3)],
    )
    limits, least = [], 0
    for segment, chance in SEGMENTS.items():
        limits.append((segment, least, least + chance))
        least += chance
    insert(
        connection, "segments", "segment varchar, least double, most double", limits
    )
    insert(
        connection, "overlapping",
        "segment varchar, chance double, anew double, purpose varchar",
        [
            (segment, *chances, "wide" if segment == "twin" else segment)
            for segment, chances in OVERLAPPING.items()
        ],
    )
    # Who would be in c is in none.
    definitions = [("exclusive", name, "exclusive") for name in SEGMENTS]
    definitions += [("overlapping", name, "overlapping") for name in OVERLAPPING]
    insert(
        connection, "definitions",
        "segmentation varchar, segment varchar, assignment varchar, is_current boolean,"
        " is_otherwise boolean",
        [(*row, True, False) for row in definitions if row[1] != "c"],
    )
    metrics = (
        "population_stability_index", "jensen_shannon_divergence",
        "relative_share_change", "fact_population_stability_index",
    )
    limits = [(metric, 0, 0) for metric in metrics]
    limits.append(("membership_left_share", MOST_LEFT, MOST_LEFT))
    insert(
        connection, "limits",
        "segmentation varchar, metric varchar, warn_from double, alert_from double",
        [
            (segmentation, *limit)
            for segmentation in ("exclusive", "overlapping")
            for limit in limits
        ],
    )
    settings = {
        "redrawn": REDRAWN,
        "moved": 0.1,
        "grown": 1.6,
    }
    for statement in WORLD.split(";\n"):
        used = {name: x for name, x in settings.items() if f"${name}" in statement}
        if statement.strip():
            connection.execute(statement, used)


@pytest.fixture(scope="module")
def drift(parsed_project, tmp_path_factory):
    """The drift tables of all runs, with the run of each row."""
    folder = tmp_path_factory.mktemp("drift_noise")
    project = with_variables(
        parsed_project, folder,
        {"drift_facts": list(FACTS), "drift_false_alarm_rate": RATE},
    )
    options = ["--no-populate-cache", "--no-write-json"]
    options += ["--indirect-selection", "empty", "--select", *MODELS]
    answer = project.dbt("compile", *options)
    assert answer.succeeded, answer.error
    compiled = {result.node.name: result.node for result in answer.value.results}
    nodes = {
        node.name: node
        for node in project.manifest.nodes.values()
        if node.resource_type in ("model", "seed")
    }
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        for schema in {nodes[name].schema for name in (*TABLES, *MODELS)}:
            connection.execute(f'create schema warehouse."{schema}"')
        build_world(connection)
        for name, table in TABLES.items():
            connection.execute(
                f"create table {nodes[name].relation_name} as from {table}"
            )
        for name in MODELS:
            connection.execute(
                f"create table {nodes[name].relation_name} as "
                f"{compiled[name].compiled_code}"
            )
            connection.execute(
                f"create view {name} as select *, run, is_planted, size, growth, lost"
                f" from {nodes[name].relation_name} inner join steps"
                " on as_of_date = day inner join runs using (run)"
            )
        yield connection


def most_alarms(runs, rate, margin=Fraction(1, 1000)):
    """The number of alarms that so many runs exceed with a chance of one in 1,000.

    The tail of the binomial distribution of runs that alarm at the stated rate.
    """
    tail = 1.0
    for alarms in range(runs + 1):
        tail -= math.comb(runs, alarms) * rate**alarms * (1 - rate) ** (runs - alarms)
        if tail < margin:
            return alarms


def alarmed(drift, condition, *tables):
    """How many runs have a row above ok in one of the tables, and of how many."""
    rows = " union all ".join(
        f"select run, status <> 'ok' as is_alarm from {table} where {condition}"
        for table in tables
    )
    return drift.execute(
        f"select count(distinct run) filter (where is_alarm), count(distinct run)"
        f" from ({rows})"
    ).fetchone()


def test_the_runs_are_as_described(drift):
    """Shares stay, users move, come and go, and segments are small to large."""
    count, shares, left, newcomers = drift.execute(
        "select count(distinct run), avg(population_share) - avg("
        "compared_population_share), 1 - sum(kept_user_count) /"
        " sum(compared_user_count), min(user_count)"
        " from segment_share_drift where not is_planted and segment = 'a'"
        f" and comparison = 'baseline' and lost = {LOST}"
    ).fetchone()
    assert count == RUNS - RUNS_OF_A_KIND
    assert abs(shares) < 0.01
    a = SEGMENTS["a"]
    kept = (1 - REDRAWN) ** 2
    expected = (1 - LOST) ** 2 * (kept + (1 - kept) * a)
    assert left == pytest.approx(1 - expected, abs=0.02)
    assert newcomers < 40


@pytest.mark.parametrize(
    "tables",
    [("segment_share_drift", "segment_drift"), ("segment_fact_drift",)],
    ids=["shares and memberships", "facts"],
)
def test_random_runs_alarm_no_more_often_than_stated(tables, drift):
    alarms, runs = alarmed(drift, "not is_planted", *tables)
    assert runs == RUNS
    assert alarms <= most_alarms(runs, RATE)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_kind_of_run_alarms_more_often_than_stated(kind, drift):
    """Small and large crowds, and those that grow: also where few come and none goes.

    Then of a segment that nobody leaves or enters, by chance no newcomer is a member.
    """
    size, growth, _ = kind
    of_kind = f"not is_planted and size = {size} and growth = {growth}"
    for tables in [("segment_share_drift", "segment_drift"), ("segment_fact_drift",)]:
        alarms, runs = alarmed(drift, of_kind, *tables)
        assert runs == RUNS_OF_A_KIND
        assert alarms <= most_alarms(runs, RATE)


def test_without_the_noise_floor_every_run_would_alarm(drift):
    """The thresholds do not hold anything back."""
    moved = drift.execute(
        "select count(distinct run) from segment_share_drift"
        " where not is_planted and share_change <> 0"
    ).fetchone()
    assert moved == (RUNS,)


def found(drift, table, condition):
    return drift.execute(
        f"select count(distinct run) from {table}"
        f" where is_planted and comparison = 'previous' and {condition}"
    ).fetchone()[0]


def test_a_planted_move_is_found_where_it_is(drift):
    """One user in ten goes to a segment in which one in 25 was."""
    in_shares = found(
        drift, "segment_share_drift",
        "segment = 'd' and status = 'alert' and share_change > 0",
    )
    as_a_whole = found(
        drift, "segment_drift", "status = 'alert' and most_changed_segment = 'd'"
    )
    assert min(in_shares, as_a_whole) >= 0.9 * PLANTED_RUNS


def test_a_planted_change_of_a_fact_is_found_where_it_is(drift):
    """Of some 190 members of a segment the revenue is 1.6 times what it was."""
    of_b = "segment = 'b' and fact = 'revenue_90d'"
    assert (
        found(drift, "segment_fact_drift", f"{of_b} and status = 'alert'")
        >= 0.9 * PLANTED_RUNS
    )
    alarms = found(
        drift, "segment_fact_drift",
        "segmentation = 'overlapping' and fact = 'country' and status <> 'ok'",
    )
    assert alarms <= most_alarms(PLANTED_RUNS, RATE)
