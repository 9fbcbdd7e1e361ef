"""What a command costs: seconds, the most memory it had, the disk it left taken."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from project.console import Problem

LAUNCHER = Path(__file__).with_name("launcher.py")
LINES_SHOWN = 12
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
"""The unit in which the system tells how much memory a process had."""


@dataclass(frozen=True)
class Measured:
    """One run of one command."""

    seconds: float
    """From its start to its end, as a user waits for it."""
    peak_bytes: int
    start_seconds: float | None = None
    """Of these, what dbt needs before and after its work; None without dbt."""


def run(command, folder, variables, log):
    """Run a command in a folder and wait; what it prints goes to the end of the log.

    Raises Problem with the last lines when the command fails.
    """
    words = list(map(str, command))
    with tempfile.NamedTemporaryFile("r") as answer, log.open("a") as output:
        output.write(f"\n$ {' '.join(words)}\n")
        output.flush()
        subprocess.run(
            # Without the packages of the environment, so that it is small.
            [sys.executable, "-I", "-S", LAUNCHER, answer.name, *words],
            check=True,
            cwd=folder,
            env=os.environ | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        taken = json.load(answer)
    if taken["exit_code"]:
        raise Problem(explain_failure(words, taken["exit_code"], log))
    return Measured(taken["seconds"], taken["peak_units"] * BYTES_PER_UNIT)


def explain_failure(words, exit_code, log):
    """What failed, with the last lines of the log."""
    lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    return "\n".join(
        [
            f"A command of the benchmark ended with {exit_code}:",
            f"  {' '.join(words[:4])} ...",
            *("  | " + line for line in lines),
            f"All that it said is in {log}.",
        ]
    )


def run_dbt(options, folder, variables, log):
    """Run a command of dbt in its project's folder."""
    dbt = Path(sys.executable).parent / "dbt"
    places = ("--project-dir", ".", "--profiles-dir", ".", "--target-path", "target")
    places += ("--log-path", "logs", "--no-send-anonymous-usage-stats")
    return run([dbt, options[0], *places, *options[1:]], folder, variables, log)


def build_with_dbt(options, folder, variables, log):
    """Run a build of dbt, whose own results tell how long its work took."""
    measured = run_dbt(options, folder, variables, log)
    results = json.loads((folder / "target" / "run_results.json").read_text())
    return replace(measured, start_seconds=measured.seconds - results["elapsed_time"])
