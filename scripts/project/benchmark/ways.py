"""The ways that are measured. Each does the works of `bench.WORKS` that it has."""

import importlib.util
import shutil

from project.benchmark import jobs, measuring, segments, this_project, usual_way
from project.benchmark.bench import ADDED, DAILY, EDITED, FULL, NOTHING
from project.benchmark.comparing import Rows
from project.command_run import WHAT_IS_DUE

FRESH, FIRST, LATER = "fresh", "first", "later"
"""States of a way on dbt: parsed; built; built again a day later."""
BEFORE = {FULL: FRESH, DAILY: FIRST, NOTHING: LATER, ADDED: LATER, EDITED: LATER}


class DbtWay:
    """A dbt project in a folder. Every work starts from a copy of the same state, which
    has the project, what dbt remembers of it, and the warehouse."""

    name: str
    label: str
    works: tuple
    relation: str
    keeps_dates = True
    """Whether the dates before are still there after a new day."""
    has_more = False
    """Whether a whole build does more than what is compared."""

    def __init__(self, bench):
        self.bench = bench
        self.whole = {}
        """What whole builds took on the way to the states."""

    @property
    def folder(self):
        return self.bench.work_folder / self.name

    @property
    def running(self):
        return self.folder / "running"

    @property
    def project(self):
        return self.running / "project"

    @property
    def warehouse(self):
        # Its name is that of the database, which views repeat.
        return self.running / f"{self.name}.duckdb"

    def prepare(self, works):
        """Bring about the states that works begin with."""
        self.running.mkdir(parents=True)
        self.write()
        measuring.run_dbt(("parse",), *self.place)
        self.keep(FRESH)
        if {BEFORE[work] for work in works} & {FIRST, LATER}:
            self.bench.put_last_day(False)
            self.whole[FULL] = self.build_and_measure(self.whole_build)
            self.keep(FIRST)
        if LATER in {BEFORE[work] for work in works}:
            self.bench.put_last_day(True)
            self.whole[DAILY] = self.build_and_measure(self.whole_build)
            self.keep(LATER)

    def keep(self, state):
        shutil.copytree(self.running, self.folder / state)

    def run(self, work):
        """Do a work and measure it; also how large the warehouse is then."""
        shutil.rmtree(self.running)
        shutil.copytree(self.folder / BEFORE[work], self.running)
        self.bench.put_last_day(work != FULL)
        return self.build_and_measure(self.begin(work))

    def build_and_measure(self, options):
        """Measure a build of dbt; also how large the warehouse is then."""
        measured = measuring.build_with_dbt(options, *self.place)
        return measured, self.disk_bytes

    @property
    def place(self):
        """Where dbt runs: its folder, variables of the environment, and the log."""
        variables = {
            "USER_SEGMENTATION_WAREHOUSE": self.warehouse,
            "USER_SEGMENTATION_RAW_PATH": self.bench.raw,
        }
        return self.project, variables, self.bench.log

    @property
    def disk_bytes(self):
        # dbt closes the warehouse when it ends, which writes all of it to this file.
        return self.warehouse.stat().st_size

    @property
    def rows(self):
        return Rows(self.label, str(self.warehouse), self.relation)


class ThisProject(DbtWay):
    name = "this_project"
    label = "this project"
    works = (FULL, DAILY, NOTHING, ADDED, EDITED)
    relation = "memberships.segment_memberships"
    has_more = True
    whole_build = ("build", *this_project.WITHOUT_UNIT_TESTS)
    build = ("build", *this_project.MEASURED, *this_project.WITHOUT_TESTS)

    def write(self):
        this_project.write(
            self.project, self.bench.asked, self.bench, self.bench.snapshot_count
        )

    def begin(self, work):
        """Change the files as the work has it; returns the command of dbt."""
        bench = self.bench
        if work == ADDED:
            # A segmentation of its own, so that closed dates have the segment too.
            name = segments.ADDED_SEGMENTATION
            this_project.write_segmentation(self.project, name, [bench.added])
            names = [segments.SEGMENTATION, name]
            this_project.switch_on(self.project, names, bench.snapshot_count)
            return self.selected(name)
        if work == EDITED:
            name = segments.SEGMENTATION
            asked = [*bench.asked, bench.added]
            this_project.write_segmentation(self.project, name, asked)
            return self.selected(name)
        return self.build

    def selected(self, name):
        """The command with which scripts/run builds one segmentation alone."""
        chosen = (f"seg_{name}", "segment_memberships", *WHAT_IS_DUE)
        return ("build", "--select", *chosen, *this_project.WITHOUT_TESTS)


class UsualWay(DbtWay):
    name = "usual_way"
    label = "usual way"
    works = (FULL, DAILY, NOTHING, ADDED)
    relation = "main.memberships"
    build = whole_build = ("build",)

    def write(self):
        usual_way.write(
            self.project, self.bench.asked, self.bench, self.bench.snapshot_count
        )

    def begin(self, work):
        """Change the files as the work has it; returns the command of dbt."""
        if work != ADDED:
            return self.build
        bench = self.bench
        usual_way.write_segments(self.project, [*bench.asked, bench.added])
        return ("build", "--select", bench.added.name, "memberships")


class Script:
    """One process that computes from the files, keeping nothing: of a new day the one
    date, of a new segment that one."""

    works = (FULL, DAILY, ADDED)
    module: str
    work = "memberships"
    variables = {}
    keeps_dates = False
    has_more = False

    def __init__(self, bench):
        self.bench = bench

    @property
    def folder(self):
        return self.bench.work_folder / self.name

    def prepare(self, works):
        self.folder.mkdir(parents=True)

    def run(self, work):
        """Do a work and measure it; also how much it wrote."""
        bench = self.bench
        self.clear()
        dates = bench.dates(with_last_day=work != FULL)
        asked = [bench.added] if work == ADDED else bench.asked
        job = jobs.write(
            self.folder / "job.json",
            work=self.work,
            events=bench.event_files(with_last_day=work != FULL),
            users=bench.users,
            dates=dates[-1:] if work == DAILY else dates,
            segments=[segment.to_json() for segment in asked],
            database=self.database,
            source=bench.work_folder / Floor.name / f"{Floor.name}.duckdb",
            threads=bench.threads,
            memory_limit=bench.memory_limit,
        )
        measured = bench.run_python(self.module, job, **self.variables)
        return measured, self.disk_bytes


class Floor(Script):
    name = "floor"
    label = "floor"
    module = "floor"

    @property
    def database(self):
        return self.folder / f"{self.name}.duckdb"

    def clear(self):
        self.database.unlink(missing_ok=True)

    @property
    def disk_bytes(self):
        return self.database.stat().st_size

    @property
    def rows(self):
        return Rows(self.label, str(self.database), "main.memberships")


class PlainScan(Floor):
    name = "plain_scan"
    label = "reading alone"
    works = (FULL,)
    work = "scan"
    disk_bytes = None
    rows = None


class PlainWrite(Floor):
    """Reads what the floor wrote just before."""

    name = "plain_write"
    label = "writing alone"
    works = (FULL,)
    work = "write"
    rows = None


class Polars(Script):
    name = "polars"
    label = "Polars"
    module = "polars_way"

    def __init__(self, bench):
        super().__init__(bench)
        self.variables = {"POLARS_MAX_THREADS": bench.threads}

    @property
    def database(self):
        return self.folder / "rows"

    def clear(self):
        shutil.rmtree(self.database, ignore_errors=True)

    @property
    def disk_bytes(self):
        return sum(file.stat().st_size for file in self.database.glob("*.parquet"))

    @property
    def rows(self):
        return Rows(self.label, str(self.database))


KINDS = {
    "this": (ThisProject,),
    "usual": (UsualWay,),
    "floor": (Floor, PlainScan, PlainWrite),
    "polars": (Polars,),
}


def has_polars():
    return importlib.util.find_spec("polars") is not None
