"""The project's own environment, `.venv`: made when it is missing, kept while it fits.

A marker file in `.venv` holds what was installed: the hash of each requirements file,
the version of Python and the folder. It is written last, so an environment without one
was never finished and is made anew.
"""

import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from project.console import Problem, say, step
from project.locks import exclusive
from project.paths import LOGS, REQUIREMENTS, ROOT, VENV, VENV_PYTHON

MARKER = VENV / "installed.json"
PIP_LOG = LOGS / "pip.log"


def enter(extras=()):
    """Go on inside `.venv`, with the pinned requirements and the `extras` installed.

    Outside of `.venv` this does not return: the process is replaced by the same command
    on the Python of `.venv`.
    """
    wanted = {path.name: fingerprint(path) for path in (REQUIREMENTS, *extras)}
    if is_inside() and is_ready(wanted):
        return
    with step(f"Checking Python {platform.python_version()} and {VENV.name}"):
        is_done = is_ready(wanted)
    if not is_done:
        with exclusive(LOGS / "environment.lock", when_busy=say_waiting):
            # Whoever held the lock may have done all the work.
            if not is_ready(wanted):
                make(wanted)
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])


def is_inside():
    return Path(sys.prefix) == VENV


def fingerprint(path):
    if not path.exists():
        raise Problem(f"{path.name} is missing in {path.parent}. Restore it from git.")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_ready(wanted):
    """Whether `.venv` works and holds at least the wanted requirements."""
    installed = read_marker()
    return wanted.items() <= installed.items() and is_working(installed)


def read_marker():
    """What was installed; empty when `.venv` was never finished."""
    try:
        return json.loads(MARKER.read_text())
    except (OSError, ValueError):
        return {}


def is_working(installed):
    """Whether `.venv` is whole, of the recorded Python and still in its folder."""
    if not installed or installed["folder"] != str(VENV):
        return False
    if is_inside():
        return installed["python"] == platform.python_version()
    return installed["python"] == version_with_packages()


def version_with_packages():
    """The version of the Python in `.venv`, or None when it or dbt is not there."""
    program = (
        "import importlib.util, platform;"
        "assert importlib.util.find_spec('dbt.adapters.duckdb');"
        "print(platform.python_version())"
    )
    try:
        answer = subprocess.run(
            [VENV_PYTHON, "-c", program], capture_output=True, check=True, text=True
        )
        return answer.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def make(wanted):
    """Bring `.venv` to the wanted requirements, from nothing if it is not whole."""
    installed = read_marker()
    if not is_working(installed):
        installed = {}
        create()
    missing = [name for name in wanted if installed.get(name) != wanted[name]]
    # Without the marker, a run that is killed halfway leaves an environment that the
    # next run knows to be unfinished. After an error pip has put everything back.
    MARKER.unlink(missing_ok=True)
    try:
        for name in missing:
            with step(f"Installing {name} into {VENV.name} (it takes a minute)"):
                install(name)
            installed |= {name: wanted[name]}
    finally:
        if installed:
            write_marker(installed)


def write_marker(installed):
    about = {"folder": str(VENV), "python": venv_python_version()}
    MARKER.write_text(json.dumps(installed | about, indent=2))


def venv_python_version():
    """The version that `.venv` was made with, as its own configuration file says."""
    configuration = (VENV / "pyvenv.cfg").read_text()
    return re.search(r"^version\s*=\s*(\S+)", configuration, re.MULTILINE)[1]


def create():
    """Make an empty `.venv` with pip."""
    if importlib.util.find_spec("ensurepip") is None:
        raise Problem(
            f"Python at {sys.executable} cannot make virtual environments: its module "
            "ensurepip is missing.\nOn Debian and Ubuntu: apt-get install python3-venv"
        )
    is_unfit = VENV.exists()
    with step(f"Making {VENV.name}" + (" anew, it is not whole" if is_unfit else "")):
        if is_unfit:
            shutil.rmtree(VENV)
        # From inside the old `.venv`, the Python that it was made from.
        python = getattr(sys, "_base_executable", sys.executable)
        run_logged([python, "-m", "venv", VENV], failed="Making .venv failed.")


def install(name):
    """Install one requirements file."""
    command = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--requirement", ROOT / name]
    if name != REQUIREMENTS.name:
        # An extra names all it needs; its own dependencies may contradict the pins.
        command.append("--no-deps")
    run_logged(command, failed=f"Installing {name} failed.")


def run_logged(command, failed):
    """Run a command with its output in the log; on an error show the end of it."""
    PIP_LOG.parent.mkdir(exist_ok=True)
    with PIP_LOG.open("w") as log:
        # The setting to install for the user, outside of environments, fails inside.
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    if process.returncode:
        raise Problem("\n".join([failed, *last_lines(PIP_LOG), "", advice(PIP_LOG)]))


def last_lines(log, number=6):
    lines = log.read_text(errors="replace").splitlines()
    return ["  | " + line for line in lines[-number:]]


def advice(log):
    """What to do about an error of pip."""
    text = log.read_text(errors="replace")
    if "No space left" in text:
        return "The disk is full: free about 500 MB and run this again."
    if re.search(r"Permission denied|Read-only file system", text):
        return f"{ROOT} cannot be written: check who owns it."
    if re.search(r"connection|time.*out|resolution|proxy|ssl|no matching", text, re.I):
        return (
            "The package index cannot be reached, or lacks a package. What helps:\n"
            "  behind a proxy   export HTTPS_PROXY=http://<host>:<port>\n"
            "  another index    export PIP_INDEX_URL=<address of the index>\n"
            "  no network       elsewhere: pip download -r requirements.txt -d wheels\n"
            "                   here: export PIP_NO_INDEX=1 PIP_FIND_LINKS=<wheels>"
        )
    return f"The whole output is in {log.relative_to(ROOT)}."


def say_waiting(process_id):
    say(f"Process {process_id} is making {VENV.name}; waiting for it")
