"""No fault leaves wrong tables behind: builds that run out of disk, read files that are
half there, or meet another build on their warehouse. test_killed_builds.py kills them.

Every test compares with a warehouse that had the same deliveries and builds in peace:
after the build that makes good what was disturbed, and after the next delivery too,
when damage may show that nothing showed before.
"""

import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait

import duckdb
import pytest
import table_comparison
from deliveries import LAST_EVENT_ID, deliver, file_of_day
from disturbed_shop import (
    FIRST,
    PRODUCTION,
    SECOND,
    THIRD,
    VARIABLES,
    WITHOUT_TESTS,
    side_by_side,
    statement_lengths,
)
from forked_builds import Moment, can_have_own_disk
from table_comparison import contents, differences

from project import console, hints
from project.paths import ROOT

pytest_plugins = ["dbt_project", "shop_fixtures"]

# A full disk


WRITE_ERROR = re.compile(
    r'Could not write file "[^"]*warehouse\.duckdb[^"]*": '
    "(File too large|No space left on device)"
)


@pytest.fixture(scope="module")
def sizes(shop):
    """Bytes of the warehouse before the second build, and of what that one commits."""
    last = Moment("dbt", "completes")
    folder = shop.copy(FIRST)
    build = shop.start(folder, SECOND, *WITHOUT_TESTS, stop_at=last)
    assert build.reach()
    log = (folder / "warehouse.duckdb.wal").stat().st_size
    build.kill()
    build.end()
    shop.after(FIRST, SECOND, THIRD)
    return (shop.after(FIRST).folder / "warehouse.duckdb").stat().st_size, log


def without_room(shop, **hindrance):
    """Build once without room and then with it; the first outcome and what is wrong."""
    folder = shop.copy(FIRST)
    outcome = shop.build(folder, SECOND, **hindrance)
    wrong = []
    if outcome.succeeded:
        tables = shop.tables(folder)
        wrong += differences(shop.after(FIRST, SECOND).tables, tables)
    return outcome, wrong + shop.wrong_after(folder, [FIRST], SECOND, THIRD)


def test_a_build_that_can_not_write_all_fails_and_the_next_is_right(shop, sizes):
    _, log = sizes
    shares = (0.1, 0.3, 0.6, 0.9)
    for outcome, wrong in side_by_side(
        lambda share: without_room(shop, largest_file=int(log * share)), shares
    ):
        assert not outcome.succeeded
        assert WRITE_ERROR.search(outcome.error), outcome.error
        assert not wrong, "\n".join(wrong)


def test_a_build_on_a_full_disk_says_so_and_the_next_is_right(shop, sizes):
    if not can_have_own_disk():
        pytest.skip("needs the right to mount a small file system: root on Linux")
    size, log = sizes
    shares = (0.2, 0.7)
    for outcome, wrong in side_by_side(
        lambda share: without_room(shop, disk=size + int(log * share)), shares
    ):
        assert not outcome.succeeded
        assert WRITE_ERROR.search(outcome.error), outcome.error
        assert "the disk is full" in hints.find(outcome.error).text
        assert not wrong, "\n".join(wrong)


def test_what_is_committed_stays_when_the_warehouse_can_not_grow(shop, sizes):
    # DuckDB writes its log into the warehouse when it closes it, and is silent if it
    # can not: then the log stays, and the next one to open the warehouse reads it.
    _, log = sizes
    outcome, wrong = without_room(shop, largest_file=log + 100_000)
    assert outcome.succeeded or WRITE_ERROR.search(outcome.error), outcome.error
    assert not wrong, "\n".join(wrong)


# Raw files that are half there


def cut_file(name):
    """Return what leaves two thirds of a file."""

    def cut(raw):
        content = (raw / name).read_bytes()
        (raw / name).write_bytes(content[: len(content) * 2 // 3])

    return cut


def cut_last_line(name):
    """Return what leaves half of the last line of a file."""

    def cut(raw):
        lines = (raw / name).read_text(encoding="utf-8").splitlines(keepends=True)
        lines[-1] = lines[-1][: len(lines[-1]) // 2]
        (raw / name).write_text("".join(lines), encoding="utf-8")

    return cut


PARQUET, CSV, NDJSON = (file_of_day("events", day) for day in (36, 37, 38))


@pytest.mark.parametrize(
    "name, spoil",
    [(PARQUET, cut_file(PARQUET)), (CSV, cut_last_line(CSV))],
    ids=["Parquet", "CSV"],
)
def test_a_file_that_is_half_written_fails_the_build_by_its_name(name, spoil, shop):
    folder = shop.copy(FIRST)
    outcome = shop.build(folder, SECOND, spoil=spoil)
    assert not outcome.succeeded
    assert str(name) in outcome.error
    assert not differences(shop.after(FIRST).tables, shop.tables(folder))
    assert not shop.wrong_after(folder, [FIRST], SECOND, THIRD)


SEEN_FIRST = [("activation", "segment_triggers"), ("drift", "segment_size_changes")]
"""What tells which build saw a move first, and what came after a date had closed.

One more build, with a file that is not whole, may see other moves; the rest is late.
"""


def test_a_line_that_is_half_written_is_rejected_until_it_is_whole(shop):
    folder = shop.copy(FIRST, SECOND)
    outcome = shop.build(folder, THIRD, spoil=cut_last_line(NDJSON))
    assert outcome.succeeded, outcome.error
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        rejected = connection.execute(
            "select source_file, rejected_reason from staging.rejected_rows "
            "where raw_row like ?",
            [f'{{"event_id": "{LAST_EVENT_ID} %'],
        ).fetchall()
    assert rejected == [(str(NDJSON), "unreadable line")]
    assert not shop.wrong_after(folder, [FIRST, SECOND], THIRD, but=SEEN_FIRST)


OLD, NEW = file_of_day("events", 30), file_of_day("events", 37)


@pytest.mark.parametrize("name", [OLD, NEW], ids=["old", "new"])
def test_a_file_that_was_gone_for_a_build_is_no_loss(name, shop):
    folder = shop.copy(FIRST)
    outcome = shop.build(folder, SECOND, spoil=lambda raw: (raw / name).unlink())
    assert outcome.succeeded or str(name) in outcome.error
    deliver(FIRST.delivery, folder / "raw")
    assert not shop.wrong_after(folder, [FIRST], SECOND, THIRD, but=SEEN_FIRST)


def test_a_file_that_goes_during_a_build_is_no_loss(shop):
    told = shop.after(FIRST, SECOND).told
    shop.after(FIRST, SECOND, THIRD)
    lengths = statement_lengths(told, "stg_event_deliveries")
    reading = max(lengths, key=lengths.get)

    def lose(share):
        folder = shop.copy(FIRST)
        build = shop.start(folder, SECOND, *WITHOUT_TESTS, stop_at=reading)
        assert build.reach()
        build.go_on()
        time.sleep(lengths[reading] * share)
        (folder / "raw" / NEW).unlink()
        outcome = build.end()
        assert outcome.succeeded or str(NEW) in outcome.error, outcome.error
        return shop.wrong_after(folder, [FIRST], SECOND, THIRD, but=SEEN_FIRST)

    for wrong in side_by_side(lose, (0, 0.2, 0.6)):
        assert not wrong, "\n".join(wrong)


# Two builds at once


def is_refusal(outcome, other):
    """Whether the outcome is an error that says who has the warehouse."""
    pattern = rf"Conflicting lock is held in .*\(PID {other.process_id}\)"
    return not outcome.succeeded and bool(re.search(pattern, outcome.error))


@pytest.mark.parametrize(
    "place",
    [
        Moment("stg_event_deliveries", "starts"),
        Moment("user_facts", "starts"),
        Moment("dbt", "completes"),
    ],
    ids=str,
)
def test_a_build_during_another_waits_or_is_refused(place, shop):
    folder = shop.copy(FIRST)
    one = shop.start(folder, SECOND, *WITHOUT_TESTS, stop_at=place)
    assert one.reach()
    with ThreadPoolExecutor() as pool:
        other = shop.start(folder, SECOND, *WITHOUT_TESTS)
        ending = pool.submit(other.end)
        # One that is refused ends now; one that waits does so until the other is done.
        wait([ending], timeout=10)
        one.go_on()
        assert one.end().succeeded
        assert ending.result().succeeded or is_refusal(ending.result(), one)
    calm = shop.after(FIRST, SECOND).tables
    assert not differences(calm, shop.tables(folder))
    assert not shop.wrong_after(folder, [FIRST, SECOND], THIRD)


def test_of_two_builds_that_start_together_one_is_right(shop):
    folder = shop.copy(FIRST)
    deliver(SECOND.delivery, folder / "raw")
    builds = [shop.start(folder, SECOND, *WITHOUT_TESTS) for _ in range(2)]
    one, other = side_by_side(lambda build: build.end(), builds)
    assert one.succeeded or is_refusal(one, builds[1])
    assert other.succeeded or is_refusal(other, builds[0])
    assert one.succeeded or other.succeeded
    calm = shop.after(FIRST, SECOND).tables
    assert not differences(calm, shop.tables(folder))


RUN = """import sys
sys.path.insert(0, 'scripts')
from project import command_run, environment
# The packages are those of the tests.
environment.enter = lambda extras: None
sys.exit(command_run.main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def scripts_run(shop):
    """Return what starts `scripts/run` on a data set of the project of the shop."""
    folder = shop.nursery.folder
    shutil.copytree(ROOT / "scripts", folder / "scripts")

    def start(data):
        return subprocess.Popen(
            [sys.executable, "-c", RUN, "--data", data, "--vars", VARIABLES],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def data_set(name, folder):
    """Where a build in a folder finds the first delivery as a data set of a name."""
    deliver(FIRST.delivery, folder / "data" / name / "raw")
    return {
        "raw": f"data/{name}/raw",
        "warehouse": f"data/{name}/warehouse.duckdb",
    }


def differences_from_one_run(shop, name):
    """How a data set differs from one that was built once, in peace."""
    calm = shop.new_folder()
    places = data_set(name, calm)
    outcome = shop.nursery.start(calm, *PRODUCTION, *WITHOUT_TESTS, **places).end()
    assert outcome.succeeded, outcome.error
    return differences(
        *(
            contents(folder / places["warehouse"], shop.nursery.relations)
            for folder in (calm, shop.nursery.folder)
        )
    )


def test_of_two_runs_that_start_together_one_is_refused(shop, scripts_run):
    data_set("twice", shop.nursery.folder)
    runs = [scripts_run("twice") for _ in range(2)]
    said = side_by_side(lambda run: run.communicate()[0], runs)
    ends = {run.returncode: words for run, words in zip(runs, said, strict=True)}
    assert ends.keys() == {console.OK, console.WRONG_USE}, said
    # Unknown is one that has the lock and has not yet written who it is.
    refusal = r"Process (\d+|unknown) is working on data/twice"
    assert re.search(refusal, ends[console.WRONG_USE])
    assert not differences_from_one_run(shop, "twice")


def test_a_run_during_a_build_of_dbt_is_refused(shop, scripts_run):
    place = Moment("user_facts", "starts")
    places = data_set("held", shop.nursery.folder)
    options = (*PRODUCTION, *WITHOUT_TESTS)
    build = shop.nursery.start(shop.nursery.folder, *options, stop_at=place, **places)
    assert build.reach()
    run = scripts_run("held")
    said = " ".join(run.communicate()[0].split())
    assert run.returncode == console.WRONG_USE, said
    assert "is open in another program" in said, said
    assert f"process {build.process_id}. Close that program" in said, said
    build.go_on()
    assert build.end().succeeded
    assert not differences_from_one_run(shop, "held")


# That these tests can fail


def tables_of(file, *statements):
    """What a warehouse of these statements holds in the table `t` and the view `v`."""
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return contents(file, [("main", "t"), ("main", "v")])


MADE = ("create table t as select 1 as a, 'x' as b union all select 1, null",)
VIEW = "create view v as select a from t"


@pytest.mark.parametrize(
    "statements, report",
    [
        ((*MADE, VIEW), []),
        (
            (*MADE, VIEW, "insert into t select * from t where b is null"),
            [
                "main.t",
                "  2 rows expected, 3 found",
                "  only found: 1 rows",
                "    {'a': '1', 'b': None}",
                "main.v",
                "  2 rows expected, 3 found",
                "  only found: 1 rows",
                "    {'a': '1'}",
            ],
        ),
        (
            (*MADE, VIEW, "update t set b = 'y' where b = 'x'"),
            [
                "main.t",
                "  2 rows expected, 2 found",
                "  only expected: 1 rows",
                "    {'a': '1', 'b': 'x'}",
                "  only found: 1 rows",
                "    {'a': '1', 'b': 'y'}",
            ],
        ),
        (MADE, ["main.v", "  is missing on the side found"]),
        (
            (*MADE, VIEW, "drop view v", "create view v as select 1.0 as a from t"),
            [
                "main.v",
                "  expected columns {'a': 'INTEGER'}",
                "  found {'a': 'DECIMAL(2,1)'}",
            ],
        ),
    ],
    ids=["equal", "twice", "changed", "missing", "of another type"],
)
def test_a_difference_between_warehouses_is_told(statements, report, tmp_path):
    expected = tables_of(tmp_path / "expected.duckdb", *MADE, VIEW)
    found = tables_of(tmp_path / "found.duckdb", *statements)
    assert differences(expected, found) == report


def test_a_column_left_out_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(table_comparison, "DIFFERENT_BY_NATURE", ("b",))
    expected = tables_of(tmp_path / "expected.duckdb", *MADE, VIEW)
    found = tables_of(tmp_path / "found.duckdb", *MADE, VIEW, "update t set b = 'y'")
    assert not differences(expected, found)
