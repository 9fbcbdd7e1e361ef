"""Starts a command and writes what it took to a file, as JSON.

It is a program of its own because the system counts the memory of a process from its
fork: a command that a large process starts would seem to have had as much. It imports
next to nothing, to be small itself.

    python launcher.py ANSWER COMMAND [ARGUMENT ...]
"""

import json
import os
import sys
import time


def main(answer, *command):
    started = time.monotonic()
    process_id = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process_id, 0)
    measured = {
        "seconds": time.monotonic() - started,
        "peak_units": usage.ru_maxrss,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    with open(answer, "w") as file:
        json.dump(measured, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
