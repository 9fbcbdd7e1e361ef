"""What a command costs: seconds, the most memory it had, the disk it left taken."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from project.console import Problem

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
    with log.open("a") as output:
        output.write(f"\n$ {' '.join(map(str, command))}\n")
        output.flush()
        started = time.monotonic()
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=os.environ | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # Waiting for this one process tells its own memory.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        lines = log.read_text(errors="replace").splitlines()[-12:]
        raise Problem(
            "\n".join(
                [
                    f"A command of the benchmark ended with {process.returncode}:",
                    f"  {' '.join(map(str, command[:4]))} ...",
                    *("  | " + line for line in lines),
                    f"All that it said is in {log}.",
                ]
            )
        )
    return Measured(seconds, usage.ru_maxrss * BYTES_PER_UNIT)


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
