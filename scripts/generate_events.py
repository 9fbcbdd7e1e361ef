"""Make the raw data of a made-up shop, with planted truths to find again.

Writes three files into one folder: `events.<ext>` and `users.<ext>` in the columns of
`raw_contract`, and `truth.json`, which says what is in them:

- `events`, `users`: rows written, distinct usable events, duplicates, and rejected rows
  by reason.
- `excluded`: staff, test accounts and bots.
- `planted.sale_week`: a week that makes bargain hunters of some users.
- `planted.quiet_week`: a week in which buyers stay away; they return.
- `planted.device_migration`: a day on which desktop users move to the app.
- `planted.campaign`: a randomised campaign that works on lapsing buyers and does
  nothing for frequent ones.
- `lifecycles`: how many users are new, loyal, quiet, dormant and so on at the end.

The same arguments give the same bytes, on every Python from 3.11 on, and more users
only add users. Planted weeks are counted back from `--until`; 6 months hold them all,
and in a shorter run those that do not fit have `in_window: false`.

Nothing is in the data that arrived after the last day. Times are text (`YYYY-MM-DD
HH:MM:SS`, UTC) in every format, Parquet too, because some rows have an unreadable one.

    python scripts/generate_events.py --users 10000 --months 13
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

from demo_shop.files import (
    FORMATS,
    TRUTH_FILE,
    Part,
    find_foreign,
    merge,
    publish,
)
from demo_shop.simulation import simulate
from demo_shop.timeline import Timeline
from demo_shop.truth import Tally, describe
from raw_contract import CONTRACT, PROJECT, shown

DEFAULT_OUTPUT = PROJECT / "data" / "demo" / "raw"
PART_USERS = 500
MOST_PARTS = 64
"""All parts are open at once while they are merged."""
MOST_USERS = 10_000_000
MOST_MONTHS = 120
MOST_SEED = 2**31


@dataclass(frozen=True)
class Job:
    """The share of one worker."""

    part: Part
    timeline: Timeline
    seed: int
    format: str
    indexes: range

    def run(self) -> Tally:
        shop = simulate(self.timeline, self.seed, self.indexes)
        self.part.write("events", shop.events, self.format)
        self.part.write("users", shop.users, self.format)
        return shop.tally


def parse_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", 1)[0], allow_abbrev=False
    )
    parser.add_argument(
        "--users",
        type=_whole_number(1, MOST_USERS),
        default=10_000,
        help="users with an account (default 10000)",
    )
    parser.add_argument(
        "--months",
        type=_whole_number(1, MOST_MONTHS),
        default=13,
        help="months of data (default 13)",
    )
    parser.add_argument(
        "--seed",
        type=_whole_number(0, MOST_SEED),
        default=7,
        help="another seed, another shop (default 7)",
    )
    parser.add_argument(
        "--until",
        type=_date,
        default=date(2026, 6, 30),
        help="last day with events (default 2026-06-30)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=DEFAULT_OUTPUT,
        help="folder (default data/demo/raw in the project)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="parquet (default) needs DuckDB, the others only Python",
    )
    return parser.parse_args(words)


def _whole_number(low: int, high: int):
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {low} to {high}"
            )
        return number

    return read


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date like 2026-06-30"
        ) from None
    if not 2018 <= day.year <= 2100:
        raise argparse.ArgumentTypeError(f"{text!r} is not in the years 2018 to 2100")
    return day


def check(arguments: argparse.Namespace) -> None:
    """Refuse before the work what would fail after it."""
    folder = arguments.output
    if folder.exists() and not folder.is_dir():
        raise SystemExit(f"{folder} is not a folder. Choose another --output.")
    foreign = find_foreign(folder)
    if foreign:
        raise SystemExit(
            f"{folder} holds {', '.join(foreign)}, which this program did not write "
            "and dbt would read as well. Move it away, or choose another --output."
        )
    if arguments.format == "parquet" and find_spec("duckdb") is None:
        raise SystemExit(
            "Parquet needs DuckDB, which this Python does not have. "
            "Use another --format."
        )


def generate(arguments: argparse.Namespace) -> dict:
    """Write the three files; return the truth."""
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    # Inside the folder, so that the final renames stay on one disk.
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as work:
        parts_folder, made = Path(work, "parts"), Path(work, "made")
        parts_folder.mkdir()
        made.mkdir()
        truth = _make(arguments, parts_folder, made)
        publish(made, folder)
    return truth


def _make(arguments: argparse.Namespace, parts_folder: Path, made: Path) -> dict:
    timeline = Timeline.ending(arguments.until, arguments.months)
    jobs = _jobs(arguments, timeline, parts_folder)
    tally = Tally()
    for done, (job, counted) in enumerate(zip(jobs, _run(jobs), strict=True), start=1):
        tally.add(counted)
        if done % max(1, len(jobs) // 5) == 0 or done == len(jobs):
            print(
                f"simulated {job.indexes.stop:,} of {arguments.users:,} users, "
                f"{tally.events['rows']:,} event rows",
                flush=True,
            )
    for table in CONTRACT:
        print(f"writing {table}.{arguments.format}", flush=True)
        parts = [job.part for job in jobs]
        target = parts_folder / f"{table}.{arguments.format}"
        merge(table, parts, target, arguments.format)
        os.replace(target, made / target.name)
    settings = {
        "users": arguments.users,
        "months": arguments.months,
        "seed": arguments.seed,
        "until": arguments.until.isoformat(),
    }
    truth = describe(settings, timeline, tally)
    text = json.dumps(truth, ensure_ascii=False, indent=2) + "\n"
    (made / TRUTH_FILE).write_text(text, encoding="utf-8")
    return truth


def _jobs(arguments: argparse.Namespace, timeline: Timeline, folder: Path) -> list[Job]:
    users = arguments.users
    size = max(PART_USERS, -(-users // MOST_PARTS))
    return [
        Job(
            part=Part(folder, number),
            timeline=timeline,
            seed=arguments.seed,
            format=arguments.format,
            indexes=range(first, min(first + size, users)),
        )
        for number, first in enumerate(range(0, users, size))
    ]


def _run(jobs: list[Job]) -> Iterator[Tally]:
    """The tallies in the order of the jobs, from one process for each core."""
    processes = min(len(jobs), os.cpu_count() or 1)
    if processes == 1:
        yield from map(Job.run, jobs)
        return
    # An interrupt is for the parent alone: it ends the workers and cleans up.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with get_context("spawn").Pool(processes, signal.signal, ignore) as pool:
        yield from pool.imap(Job.run, jobs)


def main(words: list[str]) -> None:
    started = time.monotonic()
    arguments = parse_arguments(words)
    check(arguments)
    try:
        truth = generate(arguments)
    except KeyboardInterrupt:
        raise SystemExit("Interrupted: no half-written file is left.") from None
    events, users = truth["events"], truth["users"]
    print(
        f"wrote {events['rows']:,} event rows ({events['distinct_events']:,} events, "
        f"{events['duplicate_rows']:,} duplicates, {events['rejected_rows']:,} broken) "
        f"and {users['rows']:,} user rows to {shown(arguments.output)} "
        f"in {time.monotonic() - started:.1f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
