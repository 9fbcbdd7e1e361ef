"""One benchmark: all ways do all works, and must come to the same rows."""

import statistics
from dataclasses import asdict, dataclass

from project.benchmark.bench import ADDED, DAILY, EDITED, WORKS
from project.benchmark.comparing import Difference
from project.console import step


@dataclass(frozen=True)
class Line:
    """What a way came to in a work, over all repetitions."""

    work: str
    way: str
    runs: list
    """Of each repetition what it cost, see `Measured`."""
    disk_bytes: int | None

    @property
    def seconds(self):
        return statistics.median(run.seconds for run in self.runs)

    @property
    def fewest_seconds(self):
        return min(run.seconds for run in self.runs)

    @property
    def most_seconds(self):
        return max(run.seconds for run in self.runs)

    @property
    def start_seconds(self):
        """What dbt needs before and after its work; None without dbt."""
        if self.runs[0].start_seconds is None:
            return None
        return statistics.median(run.start_seconds for run in self.runs)

    @property
    def peak_bytes(self):
        return max(run.peak_bytes for run in self.runs)

    def to_json(self):
        return {
            "work": self.work,
            "way": self.way,
            "seconds": self.seconds,
            "start_seconds": self.start_seconds,
            "peak_bytes": self.peak_bytes,
            "disk_bytes": self.disk_bytes,
            "runs": [asdict(run) for run in self.runs],
        }


def measure(bench, ways, repetitions):
    """Let the ways do their works, in turns within each repetition.

    Returns lines and, of each work, how the ways differ, compared after the first
    repetition. The first way is the one that the others are compared with.
    """
    for way in ways:
        with step(f"Preparing {way.label}"):
            way.prepare(way.works)
    runs, disk, differences = {}, {}, []
    for number in range(repetitions):
        for work in WORKS:
            for way in ways:
                if work not in way.works:
                    continue
                label = f"{number + 1}/{repetitions} {WORKS[work]}, {way.label}"
                with step(label):
                    measured, disk[work, way.label] = way.run(work)
                runs.setdefault((work, way.label), []).append(measured)
            if number == 0:
                differences += compare(bench, ways, work)
    lines = [
        Line(work, way.label, runs[work, way.label], disk[work, way.label])
        for work in WORKS
        for way in ways
        if (work, way.label) in runs
    ]
    return lines, differences


def compare(bench, ways, work):
    """Compare what the ways have after a work with what the first of them has."""
    done = [way for way in ways if work in way.works and way.rows]
    if work == EDITED or len(done) < 2:
        return []
    with step(f"Comparing the rows of {', '.join(way.label for way in done)}"):
        return [compare_pair(bench, done[0], other, work) for other in done[1:]]


def compare_pair(bench, left, right, work):
    """Compare two ways, of what a work is to bring about."""
    dates = bench.dates(with_last_day=True)[-1:]
    answer = bench.ask(
        "comparing",
        left=asdict(left.rows),
        right=asdict(right.rows),
        dates=dates if work == DAILY and not right.keeps_dates else None,
        segments=[bench.added.name] if work == ADDED else None,
    )
    return Difference(**answer)


def whole_builds(ways):
    """Lines for the whole builds with data tests, each done once, on the way to the
    states that works begin with."""
    return [
        Line(f"whole: {WORKS[work]}", way.label, [measured], disk_bytes)
        for way in ways
        if way.has_more
        for work, (measured, disk_bytes) in way.whole.items()
    ]
