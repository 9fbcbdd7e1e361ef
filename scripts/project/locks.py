"""Locks between processes, freed by the system even when their holder is killed."""

import fcntl
import os
from contextlib import contextmanager


@contextmanager
def exclusive(path, when_busy):
    """Hold the lock file `path`; it keeps the process id of its holder.

    While another process has it, call `when_busy(process_id)`, which may raise; wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Opened for appending, because truncating would wipe the holder's process id.
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            when_busy(file.read().strip() or "unknown")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
