"""What to do about errors that are known, found by their text."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    text: str
    is_about_this_machine: bool = False
    """Whether the project is fine and something around it is not."""


def find(message):
    """The hint for an error message, or None."""
    for pattern, explain in KNOWN:
        match = re.search(pattern, message, re.IGNORECASE | re.DOTALL)
        if match:
            return explain(match)
    return None


def explain_cycle(match):
    models = list(dict.fromkeys(re.findall(r"model\.\w+\.(\w+)", match["path"])))
    return Hint(
        f"the models {', '.join(models)} refer to each other in a circle. If these are "
        "segmentations, take one in_segment out of their rules."
    )


def explain_missing_segmentation(match):
    name, user = match["name"], match["user"]
    file = f"models/segments/seg_{name}.sql"
    if user.startswith("seg_"):
        return Hint(
            f"{user} refers to seg_{name} in an in_segment, but {file} does not exist."
        )
    names = name.split()
    if len(names) > 1:
        return Hint(
            f"the variable segmentations lists '{name}' as one name; a comma may be "
            f"missing: [{', '.join(names)}]."
        )
    if name.startswith("seg_"):
        return Hint(
            f"the variable segmentations lists {name}, but names stand there without "
            f"seg_: {name.removeprefix('seg_')}."
        )
    return Hint(
        f"the variable segmentations in dbt_project.yml lists {name}, but {file} does "
        "not exist: write that file, or take the name off the list."
    )


def explain_disabled_segmentation(match):
    name = match["name"]
    return Hint(
        f"{match['user']} needs seg_{name}, which is switched off: add '{name}' to the "
        "variable segmentations in dbt_project.yml."
    )


def explain_missing_table(match):
    return Hint(
        f"{match['table']} has not been built in this target yet: run scripts/run "
        f"without --select, or with --select +{match['node']}."
    )


def explain_lock(match):
    return Hint(
        f"{match['file']} is open in another program: {match['program']}, process "
        f"{match['process']}. Close that program (or wait until it is done), then run "
        "this again. Programs that only read hold the file too.",
        is_about_this_machine=True,
    )


def explain_full_disk(_match):
    return Hint("the disk is full: free some space.", is_about_this_machine=True)


def explain_no_access(_match):
    return Hint(
        "a file or folder cannot be read or written: check who owns it.",
        is_about_this_machine=True,
    )


def explain_memory(_match):
    return Hint(
        "the database ran out of memory: close other programs, or set fewer threads or "
        "a higher memory_limit in profiles.yml.",
        is_about_this_machine=True,
    )


def explain_unreadable_warehouse(_match):
    return Hint(
        "the warehouse file is damaged or from another version of DuckDB: move it away "
        "and run this again, it is built from the raw files. Published history that "
        "they no longer hold is in the old file only, so keep it.",
        is_about_this_machine=True,
    )


def explain_unreadable_csv(match):
    return Hint(
        f"{match['file']} is no CSV of commas, double quotes and one header line in "
        "which every line has the same number of columns. Repair it, or load it with "
        "scripts/load_csv.py, which knows other separators and names the line at fault."
    )


def explain_half_a_file(match):
    return Hint(
        f"{match['file']} is no whole Parquet file; perhaps it is still being written. "
        "Run this again when it is there as a whole, nothing of this build counts. To be "
        "safe, write raw files elsewhere and move them into the folder."
    )


# A name from a list in which a comma is missing has a blank.
MISSING_NODE = (
    r"Model '[\w.]*\.(?P<user>\w+)'.*depends on a node named 'seg_(?P<name>[^']+)' "
    "which "
)

KNOWN = (
    (r"Found a cycle: (?P<path>[^\n]*)", explain_cycle),
    (MISSING_NODE + "was not found", explain_missing_segmentation),
    (MISSING_NODE + "is disabled", explain_disabled_segmentation),
    (
        r" in \w+ (?P<node>\w+) \(.*Catalog Error: (Table|Schema) with name "
        r'"?(?P<table>[\w.]+)"? does not exist',
        explain_missing_table,
    ),
    (
        r'Could not set lock on file "(?P<file>[^"]*)": Conflicting lock is held in '
        r"(?P<program>.*?) \(PID (?P<process>\d+)\)",
        explain_lock,
    ),
    (
        r"No space left|File too large|could not write all bytes"
        r"|max_temp_directory_size",
        explain_full_disk,
    ),
    (r"Permission denied|Read-only file system", explain_no_access),
    (r"Out of Memory Error", explain_memory),
    (
        r'Error when sniffing file "(?P<file>[^"]*)"',
        explain_unreadable_csv,
    ),
    (
        r"No magic bytes found at end of file '(?P<file>[^']*)'",
        explain_half_a_file,
    ),
    (
        r"not a valid DuckDB database|database file with version",
        explain_unreadable_warehouse,
    ),
)
"""Pattern of an error message, and what makes a hint of its match. The first counts."""
