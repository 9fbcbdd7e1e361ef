"""scripts/benchmark: its data, the ways it measures, what it says of differences."""

import argparse
import ast
import json
import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

from project import command_benchmark, console
from project.benchmark import (
    comparing,
    data,
    growth,
    growth_job,
    jobs,
    measuring,
    report,
    running,
    segments,
    this_project,
    usual_way,
    ways,
)
from project.benchmark.bench import DAILY, FULL, NOTHING, WORKS, Bench
from project.benchmark.dates import as_of_dates
from project.benchmark.segments import Question, Segment
from project.console import Problem
from project.paths import ROOT

MIB = 1024**2
LAST_MOMENT = datetime(2026, 6, 30, 23, 59, 59)
BEFORE_LAST_DAY = data.LAST_DAY - timedelta(days=1)


# The raw data


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two folders with data of the same size, made one after the other."""
    folders = [tmp_path_factory.mktemp(name) for name in ("made", "made_again")]
    for folder in folders:
        data.make(folder, data.Scale(events=8_000, users=160))
    return folders


def deliveries(folder, columns):
    return duckdb.sql(f"""
        select {columns}
        from read_parquet('{folder}/events/*.parquet', filename = true)
    """)


def test_data_of_one_size_are_the_same_whenever_they_are_made(made):
    first, second = made
    files = sorted(file.name for file in (first / "events").iterdir())
    assert len(files) == data.DAYS
    assert files[-1] == f"{data.LAST_DAY}.parquet"
    for part in ("events/*.parquet", "users.parquet"):
        rows = [
            duckdb.sql(f"select * from read_parquet('{folder}/{part}')").fetchall()
            for folder in made
        ]
        assert rows[0] == rows[1]


def test_data_are_made_once(made, monkeypatch):
    monkeypatch.setattr(data, "_make_users", None)
    data.make(made[0], data.Scale(events=8_000, users=160))


def test_data_are_about_as_large_as_asked(made):
    [(events,)] = deliveries(made[0], "count(distinct event_id)").fetchall()
    assert 0.9 < events / 8_000 < 1.1


def test_the_busiest_tenth_of_users_has_a_quarter_of_the_events_or_more(made):
    counts = sorted(
        count
        for _, count in duckdb.sql(f"""
            select user_id, count(*)
            from read_parquet('{made[0]}/events/*.parquet')
            where user_id is not null
            group by user_id
        """).fetchall()
    )
    assert sum(counts[-16:]) > sum(counts) / 4


def test_some_events_are_delivered_twice_and_some_arrive_late(made):
    [(events, twice, late, misplaced)] = deliveries(
        made[0],
        """
        count(*),
        count(*) - count(distinct event_id),
        count_if(received_at >= occurred_at + interval 1 day),
        count_if(
            cast(received_at as date) <> cast(parse_filename(filename, true) as date)
        )
        """,
    ).fetchall()
    assert 0.005 < twice / events < 0.02
    assert 0.002 < late / events < 0.01
    assert misplaced == 0


# Segments


def test_more_segments_begin_with_the_same_ones():
    sixty = segments.make(60)
    assert segments.make(100)[:60] == sixty
    assert [segment.name for segment in sixty[:2]] == ["s0001", "s0002"]


def test_a_thousand_segments_all_differ():
    made = segments.make(1000)
    assert len({(row.kind, row.question, row.at_least) for row in made}) == 1000
    assert {row.kind for row in made} == {"performed", "not_performed", "lapsed"}
    assert {row.question.measure for row in made} == {"count", "days", "sum"}
    assert None in {row.question.within_days for row in made}


def test_segments_come_back_from_json():
    for segment in segments.make(10):
        assert Segment.from_json(json.loads(json.dumps(segment.to_json()))) == segment


BOUGHT = Segment("a", "performed", Question("purchase", "sum", 30), 50)
ABSENT = Segment("b", "not_performed", Question("search", "days", None), 2)
LAPSED = Segment("c", "lapsed", Question("login", "count", 14), 1)


def test_a_segment_becomes_a_rule_of_this_project():
    assert segments.model([BOUGHT, ABSENT, LAPSED]) == (
        "{{ segmentation(\n"
        "    assignment='overlapping',\n"
        "    segments=[\n"
        "        segment('a', rule=performed('purchase', measure='sum', of='revenue', "
        "at_least=50, within_days=30)),\n"
        "        segment('b', rule=not_performed('search', measure='days', "
        "at_least=2)),\n"
        "        segment('c', rule=all_of(performed('login'), not_performed('login', "
        "at_least=1, within_days=14)))\n"
        "    ]\n"
        ") }}\n"
    )


def test_a_segment_becomes_a_query_of_the_usual_way():
    bought = segments.query(BOUGHT, "events", "identities")
    assert "and events.activity_date > identities.as_of_date - 30" in bought
    assert "having sum(events.revenue) >= 50" in bought
    absent = segments.query(ABSENT, "events", "identities")
    assert absent.startswith("select distinct\n    as_of_date,")
    assert "having count(distinct events.activity_date) >= 2" in absent
    assert "as_of_date - " not in absent
    lapsed = segments.query(LAPSED, "events", "identities")
    assert "having count(case when events.activity_date > " in lapsed


def test_a_segment_becomes_a_predicate_of_the_floor():
    assert segments.predicate(BOUGHT) == "purchase_sum_30d >= 50"
    assert segments.predicate(ABSENT) == "not search_days_ever >= 2"
    assert (
        segments.predicate(LAPSED)
        == "login_count_ever >= 1 and not login_count_14d >= 1"
    )


def test_a_copy_of_the_project_has_the_segmentation_of_the_benchmark_alone(tmp_path):
    settings = SimpleNamespace(threads=2, memory_limit="1GiB")
    this_project.write(tmp_path, [BOUGHT], settings, snapshot_count=3)
    project = (tmp_path / "dbt_project.yml").read_text()
    assert "segmentations:\n    - benchmark\n" in project
    assert "snapshot_count: 3\n" in project
    assert 'memory_limit: "1GiB"' in (tmp_path / "profiles.yml").read_text()
    model = tmp_path / "models" / "segments" / "seg_benchmark.sql"
    assert model.read_text() == segments.model([BOUGHT])


# Dates


@pytest.mark.parametrize(
    "last_day, expected",
    [
        ("2026-06-28", ["2026-06-21", "2026-06-28"]),
        ("2026-06-29", ["2026-06-21", "2026-06-28", "2026-06-29"]),
        ("2026-07-04", ["2026-06-21", "2026-06-28", "2026-07-04"]),
    ],
)
def test_dates_are_sundays_and_the_last_day(last_day, expected):
    dates = as_of_dates(date.fromisoformat(last_day), snapshot_count=2)
    assert [str(day) for day in dates] == expected


# The ways, beside an independent computation


def small_deliveries():
    """Raw rows of a few users, with what is easily got wrong.

    Shared devices, devices on which nobody logs in, users who only have a profile,
    events that are delivered again with other content, and late ones.
    """
    dice = random.Random(4)
    rows = []
    for number in range(900):
        occurred_at = datetime.combine(
            BEFORE_LAST_DAY - timedelta(days=int(dice.random() ** 2 * 120) - 1),
            datetime.min.time(),
        ) + timedelta(seconds=dice.randrange(86_400))
        device = dice.randrange(12)
        is_known = device < 9 and dice.random() < 0.4
        name = dice.choice(segments.EVENTS)
        late = timedelta(days=dice.choice([0] * 9 + [1, 2]))
        row = {
            "event_id": f"e{number}",
            "event_name": name,
            "occurred_at": occurred_at,
            "received_at": min(occurred_at + late, LAST_MOMENT),
            "user_id": f"u{(device + dice.choice([0, 0, 1])) % 9}"
            if is_known
            else None,
            "anonymous_id": f"d{device}"
            if dice.random() < 0.9 or not is_known
            else None,
            "revenue": dice.randrange(100, 9000) / 100 if name == "purchase" else None,
        }
        rows.append(row)
        if dice.random() < 0.1:
            rows.append(row | {"event_name": dice.choice(segments.EVENTS)})
            again_at = row["received_at"] + timedelta(seconds=dice.choice([0, 60]))
            rows[-1]["received_at"] = min(again_at, LAST_MOMENT)
    return rows


PROFILES = {f"u{number}": date(2026, 1, 1) for number in range(8)}
PROFILES |= {"u20": date(2026, 5, 1), "u21": BEFORE_LAST_DAY}


def write_small_data(folder):
    """Write the rows as data of the benchmark has them: a file per day of arrival."""
    (folder / "events").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("""
            create table deliveries (
                event_id varchar, event_name varchar, occurred_at timestamp,
                received_at timestamp, user_id varchar, anonymous_id varchar,
                revenue decimal(18, 4)
            )
        """)
        connection.executemany(
            "insert into deliveries values (?, ?, ?, ?, ?, ?, ?)",
            [list(row.values()) for row in small_deliveries()],
        )
        days = connection.execute(
            "select distinct cast(received_at as date) from deliveries"
        ).fetchall()
        for (day,) in days:
            connection.execute(f"""
                copy (from deliveries where cast(received_at as date) = '{day}')
                to '{folder}/events/{day}.parquet'
            """)
        connection.execute("create table users (user_id varchar, updated_at timestamp)")
        connection.executemany(
            "insert into users values (?, ?)", list(PROFILES.items())
        )
        connection.execute(f"copy users to '{folder}/users.parquet'")


@pytest.fixture(scope="module")
def small_bench(tmp_path_factory):
    *asked, added = segments.make(61)
    folder = tmp_path_factory.mktemp("small")
    bench = Bench(folder, data.Scale(900, 10), asked, added, memory_limit="1GiB")
    write_small_data(bench.data_folder)
    bench.work_folder.mkdir()
    return bench


def first_deliveries(rows):
    """Of each event the delivery that counts."""
    kept = {}
    for row in rows:
        key = [
            (row[name] is None, row[name] or 0)
            for name in (
                *("received_at", "occurred_at", "event_name"),
                *("user_id", "anonymous_id", "revenue"),
            )
        ]
        if row["event_id"] not in kept or key < kept[row["event_id"]][0]:
            kept[row["event_id"]] = key, row
    return [row for _, row in kept.values()]


def expected_memberships(rows, day, asked):
    """Who is in which segment on a day, by plain loops over raw rows."""
    events = [row for row in first_deliveries(rows) if row["occurred_at"].date() <= day]
    owners = {}
    for row in sorted(events, key=lambda row: (row["occurred_at"], row["event_id"])):
        if row["user_id"] and row["anonymous_id"]:
            owners[row["anonymous_id"]] = row["user_id"]
    events_of = {user: [] for user, since in PROFILES.items() if since <= day}
    for row in events:
        anonymous_id = row["anonymous_id"]
        user = row["user_id"] or owners.get(anonymous_id, anonymous_id)
        events_of.setdefault(user, []).append(row)
    return {
        (str(day), user, segment.name)
        for user, rows_of_user in events_of.items()
        for segment in asked
        if is_in(segment, rows_of_user, day)
    }


def is_in(segment, rows, day):
    question = segment.question
    named = [row for row in rows if row["event_name"] == question.event]
    since = day - timedelta(days=(question.within_days or 10_000) - 1)
    within = [row for row in named if row["occurred_at"].date() >= since]
    measure = {
        "count": len(within),
        "days": len({row["occurred_at"].date() for row in within}),
        "sum": round(sum(row["revenue"] or 0 for row in within), 2),
    }[question.measure]
    holds = measure >= segment.at_least
    if segment.kind == "lapsed":
        return bool(named) and not holds
    return holds if segment.kind == "performed" else not holds


def expected_after(bench, work):
    """What all dates have, in the first build or a day later.

    On closed dates that are computed no more, what arrived a day later is missing.
    """
    rows = small_deliveries()
    early = [row for row in rows if row["received_at"].date() <= BEFORE_LAST_DAY]
    days = bench.dates(with_last_day=work != FULL)
    return {
        membership
        for day in days
        for membership in expected_memberships(
            rows if day == data.LAST_DAY else early, day, bench.asked
        )
    }


def as_set(connection, relation):
    rows = connection.execute(
        f"select as_of_date, user_id, segment from {relation}"
    ).fetchall()
    found = {(str(day), user, segment) for day, user, segment in rows}
    assert len(found) == len(rows)
    return found


def test_the_small_data_have_members_and_others_in_nearly_all_segments(small_bench):
    """Else the comparisons below would say little."""
    expected = expected_after(small_bench, FULL)
    per_segment = {
        segment.name: sum(name == segment.name for _, _, name in expected)
        for segment in small_bench.asked
    }
    user_count = max(per_segment.values())
    mixed = [name for name, number in per_segment.items() if 0 < number < user_count]
    assert len(mixed) > 45


@pytest.mark.parametrize("kind", [ways.Floor, ways.Polars])
@pytest.mark.parametrize("work", [FULL, DAILY])
def test_a_script_agrees_with_plain_loops(small_bench, work, kind):
    if kind is ways.Polars:
        pytest.importorskip("polars", reason="scripts/benchmark --extras installs it")
    way = kind(small_bench)
    way.folder.mkdir(exist_ok=True)
    way.run(work)
    expected = expected_after(small_bench, work)
    if work == DAILY:
        expected = {row for row in expected if row[0] == str(data.LAST_DAY)}
    with duckdb.connect() as connection:
        assert as_set(connection, way.rows.attach(connection)) == expected


class UsualProject:
    """Runs the models of the usual way as dbt would, on a connection."""

    def __init__(self, bench, folder):
        usual_way.write(folder, bench.asked, bench)
        self.bench = bench
        self.connection = duckdb.connect()
        models = folder / "models"
        names = ["clean_events", "as_of_dates", "identities"]
        self.files = [models / f"{name}.sql" for name in names]
        self.files += sorted((models / "segments").glob("*.sql"))
        self.files += [models / "memberships.sql"]

    def build(self, files, is_first):
        for file in self.files:
            self.build_model(file.stem, file.read_text(), files, is_first)

    def build_model(self, name, text, files, is_first):
        settings = {}
        sources = {
            "events": f"read_parquet({jobs.literals(files)})",
            "users": f"read_parquet('{self.bench.users}')",
        }
        words = {
            "ref": str,
            "source": lambda _, table: sources[table],
            "this": name,
            "is_incremental": lambda: (
                not is_first and settings.get("materialized") == "incremental"
            ),
            "config": lambda **given: settings.update(given) or "",
        }
        sql = jinja2.Template(text).render(words)
        if words["is_incremental"]():
            hook = jinja2.Template(settings.get("pre_hook", "")).render(words)
            self.connection.execute(hook or "select 1")
            self.connection.execute(f"insert into {name} {sql}")
        else:
            kind = "view" if settings.get("materialized") == "view" else "table"
            self.connection.execute(f"create or replace {kind} {name} as {sql}")


def test_the_usual_way_agrees_with_plain_loops_also_a_day_later(small_bench, tmp_path):
    project = UsualProject(small_bench, tmp_path)
    for work, is_first in ((FULL, True), (DAILY, False), (NOTHING, False)):
        project.build(small_bench.event_files(with_last_day=work != FULL), is_first)
        expected = expected_after(small_bench, work)
        assert as_set(project.connection, "memberships") == expected


# Growth


def test_the_exponent_is_the_slope_of_logarithms():
    assert growth.exponent([1, 3, 10], [5, 15, 50]) == pytest.approx(1)
    assert growth.exponent([1, 10, 100], [2, 2, 2]) == pytest.approx(0)
    assert growth.exponent([2, 4], [3, 12]) == pytest.approx(2)


def test_rare_segments_have_thresholds_that_a_share_of_users_reach(small_bench):
    asked = segments.make_rare(24)
    assert len({row.question for row in asked}) == 24
    day = small_bench.dates(with_last_day=True)[-1]
    job = {
        "events": small_bench.event_files(with_last_day=True),
        "users": small_bench.users,
        "dates": [day],
        "segments": [segment.to_json() for segment in asked],
        "share": 0.3,
        "database": ":memory:",
        "threads": 1,
        "memory_limit": "1GiB",
    }
    found = growth_job.thresholds(job)
    assert set(found) == {segment.question.column for segment in asked}
    rare = [
        Segment(row.name, row.kind, row.question, found[row.question.column])
        for row in asked
    ]
    members = len(expected_memberships(small_deliveries(), day, rare))
    everyone = Segment("all", "not_performed", Question("search", "count", 1), 10_000)
    users = len(expected_memberships(small_deliveries(), day, [everyone]))
    assert 0.2 < members / users / len(rare) < 0.4


# Measuring


def measured(tmp_path, program):
    command = [sys.executable, "-c", program]
    return measuring.run(command, tmp_path, {"WORD": "heard"}, tmp_path / "log")


def test_memory_is_that_of_the_command(tmp_path):
    small = measured(tmp_path, "pass")
    large = measured(tmp_path, f"b'x' * {200 * MIB}")
    assert 150 * MIB < large.peak_bytes - small.peak_bytes < 250 * MIB


def test_seconds_are_those_of_the_clock(tmp_path):
    assert measured(tmp_path, "import time; time.sleep(0.3)").seconds >= 0.3


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path):
    program = "import os; print(os.environ['WORD']); raise SystemExit(3)"
    with pytest.raises(Problem, match="ended with 3(.|\n)*heard(.|\n)*log"):
        measured(tmp_path, program)


# Comparing


def write_memberships(path, rows):
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table memberships "
            "(as_of_date date, user_id varchar, segmentation varchar, segment varchar)"
        )
        connection.executemany(
            "insert into memberships values ('2026-06-30', ?, 'benchmark', ?)", rows
        )
    return comparing.Rows(path.stem, str(path), "main.memberships")


def test_the_same_rows_in_another_order_are_no_difference(tmp_path):
    rows = [["u1", "s1"], ["u2", "s1"], ["u2", "s2"]]
    left = write_memberships(tmp_path / "left.duckdb", rows)
    right = write_memberships(tmp_path / "right.duckdb", reversed(rows))
    found = comparing.difference(left, right)
    assert found.is_none
    assert found.row_count == 3


def test_a_difference_is_told_with_counts_and_five_rows(tmp_path):
    common = [["u0", "s1"]]
    left = write_memberships(
        tmp_path / "left.duckdb", common + [[f"u{n}", "s1"] for n in range(1, 8)]
    )
    # A row that is there twice is a difference too.
    right = write_memberships(tmp_path / "right.duckdb", common * 2)
    found = comparing.difference(left, right)
    lines = list(found.lines())
    assert lines[0] == ("left and right differ: 7 rows only in left, 1 only in right")
    assert len(lines) == 1 + comparing.EXAMPLES
    assert "  only in right: 2026-06-30, u0, s1" in lines
    assert comparing.difference(left, right, segments=["s2"]).is_none
    assert comparing.difference(left, right, dates=["2026-06-28"]).is_none


@pytest.fixture
def finished(monkeypatch):
    """Stands in for the measuring: all ways are done, with these differences."""

    def finish(difference):
        run = measuring.Measured(4.0, 300 * MIB, 1.5)
        lines = [
            running.Line(FULL, "this project", [run, run], 5 * MIB),
            running.Line(
                FULL, "usual way", [measuring.Measured(8.0, MIB, 2.0)], 9 * MIB
            ),
            running.Line(FULL, "floor", [measuring.Measured(2.0, MIB)], MIB),
        ]
        monkeypatch.setattr(Bench, "lay_out", lambda bench: bench.work_folder.mkdir())
        monkeypatch.setattr(running, "measure", lambda *_: (lines, [difference]))
        monkeypatch.setattr(command_benchmark.environment, "enter", lambda _: None)

    return finish


def test_a_difference_fails_the_benchmark(finished, tmp_path, capsys):
    row = ["usual way", "2026-06-30", "u1", "s0001"]
    finished(comparing.Difference("this project", "usual way", 10, 0, 1, [row]))
    answer = command_benchmark.main(["--folder", str(tmp_path), "--ways", "this,usual"])
    assert answer == console.FAILED
    printed = capsys.readouterr().out
    assert "0 rows only in this project, 1 only in usual way" in printed
    assert "only in usual way: 2026-06-30, u1, s0001" in printed
    assert (tmp_path / "work").exists()


def test_ratios_stand_in_the_table_and_all_is_written_as_json(
    finished, tmp_path, capsys
):
    finished(comparing.Difference("this project", "usual way", 10, 0, 0, []))
    file = tmp_path / "measured.json"
    arguments = ["--folder", str(tmp_path), "--ways", "this,usual", "--json", str(file)]
    assert command_benchmark.main(arguments) == console.OK
    printed = capsys.readouterr().out
    [line] = [line for line in printed.splitlines() if "build  this" in line]
    assert line.split()[4:] == ["4.0", "4.0-4.0", "1.5", "0.50", "2.00", "300", "5"]
    assert "All ways have the same rows (10 rows were compared)." in printed
    written = json.loads(file.read_text())
    assert written["scale"] == {"events": 1_000_000, "users": 20_000}
    assert written["lines"][0]["peak_bytes"] == 300 * MIB
    assert written["machine"]["versions"]["duckdb"] == duckdb.__version__
    assert not (tmp_path / "work").exists()


def test_the_widest_table_keeps_its_words(capsys):
    run = measuring.Measured(1234.5, 12_345 * MIB, 12.3)
    lines = [
        running.Line(work, way, [run], 12_345 * MIB)
        for work in WORKS
        for way in ("this project", "usual way", "floor", "writing alone")
    ]
    report.show(lines)
    printed = capsys.readouterr().out
    for work in WORKS.values():
        assert work in printed
    assert "writing alone" in printed


# What is asked for


@pytest.mark.parametrize(
    "text, number",
    [("1", 1), ("1000000", 1_000_000), ("200k", 200_000), ("1.5m", 1_500_000)],
)
def test_numbers_may_have_a_k_or_an_m(text, number):
    assert command_benchmark.size(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "", "1g", "0.0001k", "1m1"])
def test_a_wrong_number_is_told(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 1, like"):
        command_benchmark.size(text)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--ways", "spark"], "unknown way 'spark'; there are this, usual, floor"),
        (["--memory-limit", "much"], "'much' is no amount of memory, like 12GiB"),
        (["--events", "some"], "'some' is no whole number from 1"),
    ],
)
def test_wrong_use_is_told(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        command_benchmark.parse(arguments)
    assert ended.value.code == console.WRONG_USE
    assert words in " ".join(capsys.readouterr().err.split())


def test_ways_are_measured_in_their_own_order():
    assert command_benchmark.chosen_ways("floor,this") == ["this", "floor"]


def test_too_small_a_disk_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(Problem, match="GB of disk(.|\n)*--events(.|\n)*--folder"):
        command_benchmark.check_disk(tmp_path, 10**12)


def test_the_command_starts_on_an_old_python():
    ast.parse((ROOT / "scripts" / "benchmark").read_text(), feature_version=(3, 6))


def test_what_polars_needs_is_pinned():
    text = (ROOT / "requirements-benchmark.txt").read_text()
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert pins and all("==" in line for line in pins)


# The whole


@pytest.mark.reference
def test_all_ways_have_the_same_rows_of_a_small_shop(tmp_path):
    file = tmp_path / "measured.json"
    answer = subprocess.run(
        [
            *(sys.executable, ROOT / "scripts" / "benchmark"),
            *("--events", "20k", "--segments", "5", "--repeat", "1", "--whole"),
            *("--folder", tmp_path / "place", "--json", file),
        ],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == console.OK, answer.stdout + answer.stderr
    measured = json.loads(file.read_text())
    done = {(line["work"], line["way"]) for line in measured["lines"]}
    assert {(work, "this project") for work in WORKS} <= done
    assert ("whole: full build", "this project") in done
    assert len(measured["differences"]) >= 7
    for difference in measured["differences"]:
        assert difference["row_count"] > 0
        assert difference["left_only_count"] == difference["right_only_count"] == 0
