"""The data sets a command can build, each in its own folder `data/<name>`.

`raw/` holds what comes in, `warehouse.duckdb` what comes out, `published.duckdb` what
readers get of it, `target/` dbt's files; with a `target/` of its own each data set
keeps dbt's parse cache.
"""

import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from project.console import Problem, heading, say
from project.locks import exclusive
from project.paths import COMPLETE_JOURNEY_REQUIREMENTS, LOGS, ROOT


@dataclass(frozen=True)
class DataSet:
    name: str
    extras: tuple[Path, ...] = ()
    """Requirements files that its loader needs on top of the pinned ones."""
    loader: tuple[str, ...] = ()
    """Script in `scripts/`, with arguments, that makes the raw files; if any."""
    variables: dict = field(default_factory=dict)
    """Variables of dbt_project.yml that this data needs; --vars goes before them."""

    @property
    def folder(self):
        return Path("data", self.name)

    @property
    def raw(self):
        return self.folder / "raw"

    @property
    def warehouse(self):
        return self.folder / "warehouse.duckdb"

    @property
    def target(self):
        return self.folder / "target"

    @property
    def published(self):
        return self.folder / "published.duckdb"

    @property
    def has_raw_files(self):
        """Whether there are events, in one of the forms that the sources read."""
        return any((ROOT / self.raw).glob("events*"))

    def load(self):
        """Make the raw files when there are none."""
        if not self.has_raw_files:
            heading(f"Making the raw data of {self.name} with {self.loader[0]}")
            run_script(*self.loader)
            say()

    @contextmanager
    def reserved(self):
        """Keep other runs away from the folder of this data set."""

        def refuse(process_id):
            raise Problem(
                f"Process {process_id} is working on {self.folder}. Wait for its end, "
                "or build another data set (--data)."
            )

        with exclusive(ROOT / self.folder / ".lock", when_busy=refuse):
            yield


BUNDLED = {
    data_set.name: data_set
    for data_set in (
        DataSet("demo", loader=("generate_events.py",)),
        DataSet(
            "complete_journey",
            extras=(COMPLETE_JOURNEY_REQUIREMENTS,),
            loader=("load_complete_journey.py",),
            variables={
                # Times are UTC; the days of the shops are those of New York.
                "time_zone": "America/New_York",
                # Households have an age band and no day of birth.
                "age_band_trait": "age_band",
            },
        ),
    )
}


def find(name):
    """The data set of that name; it must be bundled or have raw files."""
    if name in BUNDLED:
        return BUNDLED[name]
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise Problem(f"'{name}' is no name of a data set: use a-z, A-Z, 0-9, _, -.")
    data_set = DataSet(name)
    if not data_set.has_raw_files:
        raise Problem(
            f"There is no data set '{name}': no events in {data_set.raw}.\n"
            f"Known here: {', '.join(known_names())}.\n"
            "To load your own CSV files: .venv/bin/python scripts/load_csv.py --help"
        )
    return data_set


def add_build_options(parser):
    """Add the options that say which build a command reads: --data, or its files."""
    parser.add_argument(
        "--data",
        default="demo",
        metavar="NAME",
        help="the data set (default demo); the other options go before its own files",
    )
    parser.add_argument(
        "--warehouse",
        type=Path,
        metavar="FILE",
        help="what was built; else data/NAME/warehouse.duckdb",
    )
    parser.add_argument(
        "--target-path",
        type=Path,
        metavar="DIR",
        help="dbt's files of that build; else data/NAME/target, where scripts/run has "
        "them (a plain dbt build has them in target)",
    )


def given_or(path, default):
    """The path of an option, which is from where the command was called, or another."""
    return path.absolute() if path else default


def known_names():
    loaded = {path.parent.parent.name for path in ROOT.glob("data/*/raw/events*")}
    return sorted(loaded | BUNDLED.keys())


def run_script(name, *arguments):
    """Run a script of this project; what it prints is shown and goes to the logs."""
    log = LOGS / f"{Path(name).stem}.log"
    log.parent.mkdir(exist_ok=True)
    with (
        log.open("w") as output,
        subprocess.Popen(
            # Unbuffered, or its progress would arrive all at once at the end.
            [sys.executable, "-u", ROOT / "scripts" / name, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout:
            output.write(line)
            say(f"  {line.rstrip()}")
    if process.returncode:
        raise Problem(
            f"scripts/{name} failed; its words are above and in {LOGS.name}/{log.name}."
        )
