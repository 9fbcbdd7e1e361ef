"""What several test files need: the warehouse that `scripts/test` built."""

import json
import os
from dataclasses import dataclass
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


@dataclass
class RuleCases:
    """How many answers of random rules, one per rule, user and date, were compared."""

    count: int = 0


RULE_CASES = pytest.StashKey()


@pytest.fixture(scope="session")
def rule_cases(request):
    return request.config.stash.setdefault(RULE_CASES, RuleCases())


def pytest_terminal_summary(terminalreporter, config):
    cases = config.stash.get(RULE_CASES, None)
    if cases:
        terminalreporter.write_line(
            f"{cases.count:,} random cases of rule, user and date compared with the "
            "independent evaluator"
        )


@pytest.fixture(scope="session")
def truth(warehouse):
    """What the generator of that shop says it planted."""
    return json.loads((RAW / "truth.json").read_text(encoding="utf-8"))
