"""Start a command on a supported Python. Keeps to the syntax of Python 3.6."""

import importlib
import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)
WRONG_ENVIRONMENT = 2


def start(command):
    """Run `main` of the module `project.<command>`, on another Python if need be."""
    if os.name == "nt":
        stop("These scripts need Linux or macOS; on Windows, run them inside WSL.")
    if not is_supported(sys.version_info):
        move_to_supported_python()
    # Packages of another environment must not leak into the project's own.
    for variable in ("PYTHONHOME", "PYTHONPATH"):
        os.environ.pop(variable, None)
    module = importlib.import_module("project." + command)
    sys.exit(module.main(sys.argv[1:]))


def is_supported(version):
    """Whether the pinned requirements are made for this version of Python."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def move_to_supported_python():
    """Replace this process by one on a supported Python from PATH.

    Without one, a Python that is too new is tried all the same (its packages may
    exist), and one that is too old ends here.
    """
    found = words(sys.version_info)
    python = find_supported_python(os.environ.get("PATH", ""))
    if python:
        say("Python %s is not supported; going on with %s" % (found, python))
        sys.stdout.flush()
        os.execv(python, [python] + sys.argv)
    if tuple(sys.version_info[:2]) > NEWEST:
        say("Python %s is newer than the tested %s; trying it" % (found, words(NEWEST)))
        return
    stop(
        "Python %s is too old: this project needs Python %s to %s, and none was found "
        "on PATH.\nInstall one (for example: apt-get install python3 python3-venv, or "
        "brew install python@%s) and run this again."
        % (found, words(OLDEST), words(NEWEST), words(NEWEST))
    )


def find_supported_python(path):
    """The newest supported `python3.x` in the folders of `path`, or None.

    Each is asked for its version, because a file of that name may be a shim of a
    version manager that has no such Python.
    """
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for folder in path.split(os.pathsep):
            python = os.path.join(folder, "python3.%d" % minor)
            if os.access(python, os.X_OK) and is_supported(version_of(python)):
                return python
    return None


def version_of(python):
    """The version that an interpreter reports; empty when it does not run."""
    try:
        answer = subprocess.check_output(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            stderr=subprocess.DEVNULL,
        )
        return tuple(int(number) for number in answer.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return ()


def words(version):
    return ".".join(str(number) for number in version[:3])


def say(message):
    print(message)


def stop(message):
    sys.stderr.write(message + "\n")
    sys.exit(WRONG_ENVIRONMENT)
