"""scripts/test: every check that continuous integration runs, as named steps."""

import argparse
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from project import environment
from project.console import FAILED, OK, counted, guarded, heading, say, table
from project.data_sets import DataSet
from project.paths import (
    BENCHMARK_REQUIREMENTS,
    COMPLETE_JOURNEY_REQUIREMENTS,
    MODELS_REQUIREMENTS,
    POSTGRES_REQUIREMENTS,
    ROOT,
    SPARK_REQUIREMENTS,
    WAREHOUSES_REQUIREMENTS,
)

TARGET = "prod"
EXTRAS = [
    COMPLETE_JOURNEY_REQUIREMENTS,
    MODELS_REQUIREMENTS,
    BENCHMARK_REQUIREMENTS,
    WAREHOUSES_REQUIREMENTS,
]
# The engines besides DuckDB, with which every other step builds.
ENGINE_REQUIREMENTS = {
    "postgres": POSTGRES_REQUIREMENTS,
    "spark": SPARK_REQUIREMENTS,
}
ENGINES = "USER_SEGMENTATION_ENGINES"
"""The environment variable that tells the tests which engines to start."""
WAREHOUSES = "USER_SEGMENTATION_WAREHOUSES"
"""The environment variable without which tests may leave out adapters."""
DATA = DataSet(
    "test",
    loader=("generate_events.py", "--users", "2000", "--output", "data/test/raw"),
)
# The templater of dbt cannot render macros without a model that calls them.
LINTED_FOLDERS = ("models", "tests/singular", "analyses")
# As many processes as there are processors, each with whole files, because the tests of
# a file share what they build. Their order is that of tests/pytest/conftest.py.
IN_PROCESSES = (
    "--numprocesses=auto",
    "--dist=loadfile",
    "--no-loadscope-reorder",
    # A process that crashes ends the step: with one in its place, pytest-xdist 3.8 may
    # wait for ever.
    "--max-worker-restart=0",
)


@dataclass(frozen=True)
class Step:
    name: str
    about: str
    passes: Callable[[], bool]
    needs: str | None = None
    """A step without which this one says nothing."""
    is_asked_for: bool = False
    """Whether it is left out unless an option asks for it."""


def yaml_passes():
    from project import yaml_schema

    found = yaml_schema.findings(ROOT)
    for line in found:
        say(line)
    say(f"{counted(len(found), 'violation')} of the schemas of dbt")
    return not found


def lint_passes():
    folders = [name for name in LINTED_FOLDERS if any((ROOT / name).rglob("*.sql"))]
    # Linting compiles models but reads no table, so it needs no file of a warehouse.
    # No processes of its own means as many as there are processors.
    options = ("--processes", "0")
    return runs(
        *("sqlfluff", "lint", *options, *folders),
        USER_SEGMENTATION_WAREHOUSE=":memory:",
    )


def build_passes():
    from project import build

    with DATA.reserved():
        shutil.rmtree(ROOT / DATA.raw, ignore_errors=True)
        (ROOT / DATA.warehouse).unlink(missing_ok=True)
        DATA.load()
        # What dbt is about to drop is an error here, and a warning in scripts/run.
        strict = ["--warn-error-options", '{"error": ["Deprecations"]}']
        outcome = build.run(DATA, TARGET, strict)
        build.report(outcome)
    return outcome.exit_code == OK


def pytest_passes():
    if not (ROOT / DATA.warehouse).exists():
        say("There is no built warehouse yet: run scripts/test --only build first.")
        return False
    return runs(
        *("pytest", *IN_PROCESSES),
        USER_SEGMENTATION_TEST_WAREHOUSE=str(ROOT / DATA.warehouse),
        USER_SEGMENTATION_TEST_TARGET=str(ROOT / DATA.target),
        # They have a step of their own.
        **{ENGINES: ""},
    )


def engines_pass():
    return runs("pytest", "tests/pytest/test_engine_parity.py")


def runs(module, *arguments, **variables):
    """Whether a module of `.venv` ends well with these environment variables."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables).returncode == 0


STEPS = (
    Step("yaml", "YAML files against the schemas of dbt", yaml_passes),
    Step("lint", "SQL style; macros are left out, no model renders them", lint_passes),
    Step("build", "dbt build with unit tests on small demo data", build_passes),
    Step(
        "engines",
        "the same results on other engines, see --engines",
        engines_pass,
        is_asked_for=True,
    ),
    # Last, so that its closing line is the last thing before the table of steps.
    Step("pytest", "tests that are not SQL, on that build", pytest_passes, "build"),
)


def parse(arguments):
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Run every check; a failed step does not stop the others.",
        epilog="Exit code: 0 all passed, 1 a step failed, 2 wrong use or environment.",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        metavar="STEP",
        help=f"run this step alone, may be repeated: {', '.join(names)}",
    )
    parser.add_argument("--list", action="store_true", help="list the steps and end")
    parser.add_argument(
        "--extras",
        action="store_true",
        help="install the complete_journey data, scikit-learn, Polars and adapters of "
        "other warehouses first, so that the tests that need them run too",
    )
    parser.add_argument(
        "--engines",
        action="append",
        choices=["duckdb", *ENGINE_REQUIREMENTS, "all"],
        default=[],
        metavar="ENGINE",
        help="build on this engine too and compare every table with DuckDB, may be "
        "repeated: postgres or spark, which have to be on this machine, or all, which "
        "leaves out those that are not; duckdb, the default, is none of them",
    )
    return parser.parse_args(arguments)


@guarded
def main(arguments):
    options = parse(arguments)
    if options.list:
        rows = [[step.name, step.about] for step in STEPS]
        for line in table(["step", "what it checks"], rows):
            say(line)
        return OK
    engines = [name for name in options.engines if name != "duckdb"]
    extras = EXTRAS if options.extras else []
    environment.enter([*extras, *requirements_of(engines)])
    os.environ[ENGINES] = " ".join(engines)
    if options.extras:
        os.environ[WAREHOUSES] = "all"
    chosen = [
        step
        for step in STEPS
        if (step.name in options.only if options.only else not step.is_asked_for)
        or (step.is_asked_for and engines and not options.only)
    ]
    results = {}
    rows = []
    for step in chosen:
        started = time.monotonic()
        results[step.name] = result = run(step, results)
        rows.append([step.name, result, f"{time.monotonic() - started:.1f}"])
    say()
    for line in table(["step", "result", "seconds"], rows):
        say(line)
    return OK if set(results.values()) == {"passed"} else FAILED


def requirements_of(engines):
    """The requirements files of engines, each once."""
    return [
        file
        for name, file in ENGINE_REQUIREMENTS.items()
        if name in engines or "all" in engines
    ]


def run(step, results):
    """Run a step unless one that it needs has failed."""
    heading(f"{step.name}: {step.about}")
    if results.get(step.needs, "passed") != "passed":
        say(f"Not run, because the step {step.needs} did not pass.")
        return "not run"
    try:
        return "passed" if step.passes() else "failed"
    except Exception:
        # Whatever went wrong, the other steps still have something to say.
        traceback.print_exc()
        return "failed"
