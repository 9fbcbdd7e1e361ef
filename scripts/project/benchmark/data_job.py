"""Makes the data of a job in a process of its own: see `bench.py`."""

import sys
from pathlib import Path

from project.benchmark import data, jobs

if __name__ == "__main__":
    job = jobs.read(sys.argv[1])
    data.make(Path(job["folder"]), data.Scale(job["events"], job["users"]))
