"""Jobs for processes of their own: what to compute, from what, with what means.

A job is a JSON file, so that each way runs in a process whose memory is its own:

    work         memberships, scan or write
    events       Parquet files with events
    users        the Parquet file with users
    dates        the as-of dates
    segments     what `Segment.to_json` gives, of each segment
    database     the file to write to
    threads, memory_limit   for DuckDB
"""

import json


def write(path, **job):
    """Write a job file; dates and paths become text."""
    path.write_text(json.dumps(job, default=str))
    return path


def read(path):
    with open(path) as file:
        return json.load(file)


def literals(values, brackets="[]"):
    """An SQL list of texts."""
    quoted = ("'" + str(value).replace("'", "''") + "'" for value in values)
    return brackets[0] + ", ".join(quoted) + brackets[1]


def connect(job):
    """DuckDB on the file of a job, with its threads and memory."""
    import duckdb

    connection = duckdb.connect(str(job["database"]))
    connection.execute(f"set threads = {int(job['threads'])}")
    connection.execute("set memory_limit = $limit", {"limit": job["memory_limit"]})
    connection.execute("set preserve_insertion_order = false")
    return connection
