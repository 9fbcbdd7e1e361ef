"""How full builds of this project grow with events, users, segments and snapshots."""

import math
import shutil
from dataclasses import dataclass, replace

from project.benchmark import segments
from project.benchmark.bench import FULL
from project.benchmark.data import Scale
from project.benchmark.running import Line
from project.benchmark.ways import ThisProject
from project.console import step

STEPS = (1, 3, 10)
SEGMENT_COUNTS = (10, 100, 1000)
SNAPSHOT_COUNTS = (1, 12, 52)
SEGMENTS_PER_USER = 3
"""How many segments a user is in, on average, however many there are."""


@dataclass(frozen=True)
class Point:
    size: int
    """Of what the curve is about."""
    line: Line
    row_count: int
    """Rows of memberships."""

    @property
    def own_seconds(self):
        """Seconds without what dbt needs before and after its work."""
        return self.line.seconds - self.line.start_seconds


@dataclass(frozen=True)
class Curve:
    name: str
    points: list

    @property
    def exponent(self):
        sizes = [point.size for point in self.points]
        return exponent(sizes, [point.own_seconds for point in self.points])

    def to_json(self):
        return {
            "name": self.name,
            "exponent": self.exponent,
            "points": [
                {"size": point.size, "row_count": point.row_count}
                | point.line.to_json()
                for point in self.points
            ],
        }


def exponent(sizes, seconds):
    """The e of seconds = c * size ** e, by least squares of the logarithms."""
    xs = [math.log(size) for size in sizes]
    ys = [math.log(value) for value in seconds]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    covariance = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return covariance / sum((x - x_mean) ** 2 for x in xs)


def measure(bench, repetitions):
    """Yield the curves, one after the other."""
    for name, places in (
        ("events", event_places(bench)),
        ("users", user_places(bench)),
        ("segments", segment_places(bench)),
        ("snapshots", snapshot_places(bench)),
    ):
        points = []
        for size, place in places:
            with step(f"{name} {size:,}"):
                points.append(measure_point(size, place, repetitions))
        yield Curve(name, points)


def event_places(bench):
    for factor in STEPS:
        events = bench.scale.events * factor
        yield events, replace(bench, scale=Scale(events, bench.scale.users))


def user_places(bench):
    for factor in STEPS:
        users = bench.scale.users * factor
        yield users, replace(bench, scale=Scale(bench.scale.events, users))


def segment_places(bench):
    """More and more segments, so rare that memberships stay about as many."""
    for number in SEGMENT_COUNTS:
        yield number, replace(bench, asked=rare_segments(bench, number))


def snapshot_places(bench):
    for number in SNAPSHOT_COUNTS:
        yield number, replace(bench, snapshot_count=number)


def measure_point(size, bench, repetitions):
    """Measure full builds of this project, and count the rows."""
    bench.lay_out()
    way = ThisProject(bench)
    way.prepare([FULL])
    results = [way.run(FULL) for _ in range(repetitions)]
    line = Line(FULL, way.label, [result[0] for result in results], results[-1][1])
    rows = way.rows
    row_count = bench.ask(
        "growth_job", work="count", file=rows.file, relation=rows.relation
    )
    shutil.rmtree(bench.work_folder)
    return Point(size, line, row_count)


def rare_segments(bench, number):
    """So many segments that each user is in about SEGMENTS_PER_USER of them."""
    share = SEGMENTS_PER_USER / number
    asked = segments.make_rare(number)
    bench.lay_out()
    thresholds = bench.ask(
        "growth_job",
        work="thresholds",
        events=bench.event_files(with_last_day=False),
        users=bench.users,
        dates=bench.dates(with_last_day=False)[-1:],
        segments=[segment.to_json() for segment in asked],
        share=share,
        database=":memory:",
        threads=bench.threads,
        memory_limit=bench.memory_limit,
    )
    return [
        replace(segment, at_least=max(1, thresholds[segment.question.column]))
        for segment in asked
    ]
