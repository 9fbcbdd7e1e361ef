"""scripts/benchmark: what segments cost here, the usual way, and at the least."""

import argparse
import json
import re
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from project import environment
from project.console import FAILED, OK, Problem, guarded, say
from project.locks import exclusive
from project.paths import BENCHMARK_REQUIREMENTS, ROOT

WAYS = ("this", "usual", "floor", "polars")
EVENTS_PER_USER = 50
BYTES_PER_EVENT = 1500
"""Disk for data, warehouses and the states that works begin with, all ways together."""
LEAST_BYTES = 10**9
MULTIPLES = {"": 1, "k": 1_000, "m": 1_000_000}
GROWTH_FACTOR = 10


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark",
        description=(
            "Make raw data of a size, compute the same segments of them in several "
            "ways, compare the rows, and print seconds, memory and disk of each. The "
            "ways: this project; usual, a dbt project with a model per segment; floor, "
            "hand-written DuckDB SQL; polars, a script in Polars."
        ),
        epilog="Exit code: 0 all well, 1 rows differ, 2 wrong use or environment.",
    )
    add = parser.add_argument
    add(
        "--events",
        default=1_000_000,
        type=size,
        metavar="N",
        help="events in the raw data: 1000000, 200k, 1m (default), 10m",
    )
    add(
        "--users",
        type=size,
        metavar="N",
        help=f"users who may have events (default: one in {EVENTS_PER_USER} events)",
    )
    add("--segments", default=60, type=size, metavar="N", help="default 60")
    add(
        "--snapshots",
        default=12,
        type=size,
        metavar="N",
        help="Sundays before the last day, which is a date too (default 12)",
    )
    add("--repeat", default=3, type=size, metavar="N", help="repetitions (default 3)")
    add(
        "--ways",
        default=",".join(WAYS),
        type=chosen_ways,
        metavar="LIST",
        help=f"some of {','.join(WAYS)} (default: all)",
    )
    add(
        "--folder",
        default=ROOT / "data" / "benchmark",
        type=Path,
        metavar="FOLDER",
        help="where data and results live (default data/benchmark); data are kept",
    )
    add("--memory-limit", default="12GiB", type=memory, help="of DuckDB, default 12GiB")
    add(
        "--whole",
        action="store_true",
        help="also tell what whole builds of this project take, with its data tests",
    )
    add(
        "--growth",
        action="store_true",
        help="instead measure how full builds grow with events, users, segments and "
        "snapshots",
    )
    add("--json", type=Path, metavar="FILE", help="write all that was measured")
    add(
        "--extras",
        action="store_true",
        help=f"install {BENCHMARK_REQUIREMENTS.name} (Polars) first",
    )
    return parser.parse_args(arguments)


def size(text):
    """A whole number from 1, as 1000000, 200k or 1.5m."""
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", text.lower())
    number = float(parts[1]) * MULTIPLES[parts[2]] if parts else 0
    if number < 1 or number != int(number):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no whole number from 1, like 1000000, 200k or 1m"
        )
    return int(number)


def chosen_ways(text):
    """Names of ways, in their own order."""
    names = text.split(",")
    for name in names:
        if name not in WAYS:
            raise argparse.ArgumentTypeError(
                f"unknown way '{name}'; there are {', '.join(WAYS)}"
            )
    return [name for name in WAYS if name in names]


def memory(text):
    """An amount of memory in the words of DuckDB."""
    if not re.fullmatch(r"\d+(\.\d+)?([KMGT]i?B)", text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no amount of memory, like 12GiB or 800MB"
        )
    return text


def check_disk(folder, event_count):
    """Raise Problem unless the disk of the folder has room."""
    needed = LEAST_BYTES + event_count * BYTES_PER_EVENT
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"{event_count:,} events may need {needed / 1e9:.1f} GB of disk, and "
            f"{folder} has {free / 1e9:.1f} GB. Free some, measure fewer events "
            "(--events), or choose another folder (--folder)."
        )


@guarded
def main(arguments):
    options = parse(arguments)
    environment.enter([BENCHMARK_REQUIREMENTS] if options.extras else [])
    factor = GROWTH_FACTOR if options.growth else 1
    check_disk(options.folder, options.events * factor)

    def refuse(process_id):
        raise Problem(
            f"Process {process_id} is measuring in {options.folder}. Wait for its end: "
            "two at once would measure each other."
        )

    with exclusive(options.folder / ".lock", when_busy=refuse):
        return measure(options)


def measure(options):
    """Measure what the options ask for, and tell it."""
    from project.benchmark import report
    from project.benchmark.bench import Bench
    from project.benchmark.data import Scale
    from project.benchmark.segments import make

    *asked, added = make(options.segments + 1)
    users = options.users or max(1, options.events // EVENTS_PER_USER)
    bench = Bench(
        options.folder,
        Scale(options.events, users),
        asked,
        added,
        options.snapshots,
        memory_limit=options.memory_limit,
    )
    about = {
        "command": ["scripts/benchmark", *sys.argv[1:]],
        "machine": report.machine(),
        "scale": asdict(bench.scale),
        "segment_count": len(asked),
        "snapshot_count": bench.snapshot_count,
        "threads": bench.threads,
        "memory_limit": bench.memory_limit,
    }
    work = measure_growth if options.growth else measure_ways
    exit_code, measured = work(bench, options)
    report.show_machine(about["machine"], bench)
    if options.json:
        options.json.write_text(json.dumps(about | measured, indent=2, default=str))
    return exit_code


def measure_ways(bench, options):
    """Measure the ways beside each other: exit code, and what is written as JSON."""
    from project.benchmark import report, running, ways

    names = list(options.ways)
    notes = []
    if "polars" in names and not ways.has_polars():
        names.remove("polars")
        notes.append("Polars is not installed: scripts/benchmark --extras installs it.")
    if not names:
        raise Problem("\n".join(["There is no way left to measure.", *notes]))
    say(
        f"{bench.scale.events:,} events, {bench.scale.users:,} users, "
        f"{len(bench.asked)} segments, {bench.snapshot_count} snapshots and the "
        "last day"
    )
    bench.lay_out()
    chosen = [kind(bench) for name in names for kind in ways.KINDS[name]]
    lines, differences = running.measure(bench, chosen, options.repeat)
    if options.whole:
        lines += running.whole_builds(chosen)
    report.show(lines)
    report.show_comparison(differences)
    for note in notes:
        say(note)
    is_same = all(difference.is_none for difference in differences)
    if is_same:
        shutil.rmtree(bench.work_folder)
    else:
        say(f"The rows are in {bench.work_folder}.")
    measured = {
        "lines": [line.to_json() for line in lines],
        "differences": [asdict(difference) for difference in differences],
        "notes": notes,
    }
    return (OK if is_same else FAILED), measured


def measure_growth(bench, options):
    """Measure curves of growth: exit code, and what is written as JSON."""
    from project.benchmark import growth, report

    curves = []
    for curve in growth.measure(bench, options.repeat):
        report.show_curve(curve)
        curves.append(curve.to_json())
    return OK, {"curves": curves}
