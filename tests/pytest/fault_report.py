"""Lines at the end of pytest's output on which faults were tried."""

import pytest

LINES = pytest.StashKey()


@pytest.fixture(scope="session")
def fault_report(request):
    """Return the list of lines to show."""
    return request.config.stash.setdefault(LINES, [])


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(LINES, []):
        terminalreporter.write_line(line)
