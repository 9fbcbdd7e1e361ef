"""The place of a benchmark: its data, its raw folder, and the works it measures."""

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from project.benchmark import data, jobs, measuring, segments
from project.benchmark.dates import as_of_dates
from project.paths import ROOT

FULL, DAILY, NOTHING, ADDED, EDITED = "full", "daily", "nothing", "added", "edited"
WORKS = {
    FULL: "full build",
    DAILY: "one new day",
    NOTHING: "nothing new",
    ADDED: "one more segment",
    EDITED: "the same, today",
}
"""What is measured. The last is one more rule in the file of this project: the date
that is open has it at once; closed dates stay as they were published."""


@dataclass
class Bench:
    folder: Path
    """Where data and results live."""
    scale: data.Scale
    asked: list
    """The segments."""
    added: segments.Segment
    """The one that is added later."""
    snapshot_count: int = 12
    threads: int = 2
    memory_limit: str = "12GiB"
    log: Path = field(init=False)

    def __post_init__(self):
        self.folder = self.folder.resolve()
        self.log = self.folder / "benchmark.log"

    @property
    def data_folder(self):
        return self.folder / f"data-{self.scale.events}-{self.scale.users}"

    @property
    def work_folder(self):
        return self.folder / "work"

    @property
    def raw(self):
        """What the ways on dbt read."""
        return self.work_folder / "raw"

    @property
    def users(self):
        return self.data_folder / "users.parquet"

    def event_files(self, with_last_day):
        files = sorted((self.data_folder / "events").glob("*.parquet"))
        return files if with_last_day else files[:-1]

    def dates(self, with_last_day):
        """The as-of dates, which follow the last day with events."""
        last_day = max(Path(file).stem for file in self.event_files(with_last_day))
        return as_of_dates(data.date.fromisoformat(last_day), self.snapshot_count)

    def lay_out(self):
        """Make the data when they are not there, and an empty place to work in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.write_text("")
        job = jobs.write(
            self.folder / "data.json",
            folder=self.data_folder,
            events=self.scale.events,
            users=self.scale.users,
        )
        self.run_python("data_job", job)
        shutil.rmtree(self.work_folder, ignore_errors=True)
        (self.raw / "events").mkdir(parents=True)
        os.link(self.users, self.raw / "users.parquet")
        for file in self.event_files(with_last_day=False):
            os.link(file, self.raw / "events" / file.name)

    def put_last_day(self, is_there):
        """Let the file of the last day arrive, or take it back."""
        file = self.event_files(with_last_day=True)[-1]
        link = self.raw / "events" / file.name
        link.unlink(missing_ok=True)
        if is_there:
            os.link(file, link)

    def run_python(self, module, job, **variables):
        """Run a module of this package on a job, in a process of its own."""
        command = [sys.executable, "-m", f"project.benchmark.{module}", job]
        return measuring.run(command, ROOT / "scripts", variables, self.log)

    def ask(self, module, **job):
        """What a module of this package answers to a job, in a process of its own."""
        answer = self.work_folder / "answer.json"
        job = jobs.write(self.work_folder / "job.json", answer=answer, **job)
        self.run_python(module, job)
        return json.loads(answer.read_text())
