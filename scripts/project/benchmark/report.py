"""What a benchmark prints, and writes as JSON."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

from project.benchmark.bench import WORKS
from project.console import count, decimal, heading, say, table
from project.paths import ROOT

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "polars")
GIB = 1024**3
MIB = 1024**2


def show(lines):
    """Print the table of all lines; ratios are those of the medians."""
    heading("What it costs")
    headers = ["work", "way", "seconds", "from-to", "dbt's own"]
    headers += ["x usual", "x floor", "peak MB", "disk MB"]
    by_key = {(line.work, line.way): line for line in lines}
    rows = []
    for line in lines:
        usual = by_key.get((line.work, "usual way"))
        floor = by_key.get((line.work, "floor"))
        rows.append(
            [
                WORKS.get(line.work, line.work),
                line.way,
                seconds(line.seconds),
                f"{seconds(line.fewest_seconds)}-{seconds(line.most_seconds)}",
                seconds(line.start_seconds),
                ratio(line, usual),
                ratio(line, floor),
                count(line.peak_bytes / MIB),
                None if line.disk_bytes is None else count(line.disk_bytes / MIB),
            ]
        )
    for text in table(headers, rows):
        say(text)


def seconds(number):
    """Seconds, with a decimal while that says something."""
    return decimal(number, 1 if number is None or number < 100 else 0)


def ratio(line, other):
    """The time of a line as a multiple of another's; nothing without another."""
    return None if other is None else decimal(line.seconds / other.seconds, 2)


def show_comparison(differences):
    """Print whether all rows are the same."""
    say()
    for difference in differences:
        if not difference.is_none:
            for text in difference.lines():
                say(text)
    if differences and all(difference.is_none for difference in differences):
        compared = sum(difference.row_count for difference in differences)
        say(f"All ways have the same rows ({compared:,} rows were compared).")


def show_curve(curve):
    """Print the points of a curve of growth and its exponent."""
    heading(f"This project's full build as {curve.name} grow")
    headers = [curve.name, "seconds", "dbt's own", "without it", "rows", "peak MB"]
    headers += ["disk MB"]
    rows = [
        [
            count(point.size),
            seconds(point.line.seconds),
            seconds(point.line.start_seconds),
            seconds(point.own_seconds),
            count(point.row_count),
            count(point.line.peak_bytes / MIB),
            count(point.line.disk_bytes / MIB),
        ]
        for point in curve.points
    ]
    for text in table(headers, rows):
        say(text)
    say(f"exponent: {curve.exponent:.2f}, of the seconds without dbt's own")


def machine():
    """What the numbers hang on."""
    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "commit": commit(),
    }


def show_machine(about, bench):
    """Print a line for the machine and one for the versions."""
    versions = [
        f"{name} {number}" for name, number in about["versions"].items() if number
    ]
    say(
        f"\n{about['processor']}, {about['cores']} cores, "
        f"{about['memory_bytes'] / GIB:.0f} GiB; {bench.threads} threads and "
        f"{bench.memory_limit} for DuckDB"
    )
    say(f"Python {about['python']}, {', '.join(versions)}; {about['commit']}")


def processor():
    """The name of the processor, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def commit():
    """The version of this project in git; words for it where there is none."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "not in git"
    return f"commit {answer.stdout.strip()}"
