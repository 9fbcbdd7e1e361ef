"""What several test files need: the warehouse that `scripts/test` built, and the lines
with which they close the output of pytest.

`scripts/test` runs the files in several processes, which pytest-xdist calls workers.
"""

import json
import os
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "test" / "raw"


@pytest.fixture(scope="session")
def warehouse():
    """A read-only connection to the warehouse of the small demo shop."""
    path = os.environ.get("USER_SEGMENTATION_TEST_WAREHOUSE")
    if not path:
        pytest.skip("needs the build that scripts/test makes before it runs pytest")
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


# Files of more than a minute, the longest first, so that no worker is left with one of
# them at the end. A name that is missing here costs time and nothing else.
LONGEST_FIRST = (
    "test_killed_builds.py",
    "test_faults.py",
    "test_rule_semantics.py",
    "test_delivery_schedules.py",
    "test_backfill.py",
    "test_other_warehouses.py",
    "test_history.py",
    "test_definition_versions.py",
    "test_size_changes.py",
    "test_triggers.py",
)


def pytest_collection_modifyitems(items):
    """Order the files for the workers, which get them one after another."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


CLOSING_LINES = pytest.StashKey()


@pytest.fixture(scope="session")
def closing_lines(request):
    """The list of lines that are shown at the end, for tests to add to."""
    config = request.config
    if hasattr(config, "workeroutput"):
        return config.workeroutput.setdefault("closing_lines", [])
    return config.stash.setdefault(CLOSING_LINES, [])


# Without pytest-xdist nobody knows this hook.
@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take over the lines of a worker that ends; one that crashed has none."""
    lines = getattr(node, "workeroutput", {}).get("closing_lines", [])
    node.config.stash.setdefault(CLOSING_LINES, []).extend(lines)


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(CLOSING_LINES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def truth(warehouse):
    """What the generator of that shop says it planted."""
    return json.loads((RAW / "truth.json").read_text(encoding="utf-8"))
