"""One `dbt build` in this process: its progress, its outcome, help on failure."""

import os
import textwrap
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.exceptions import DbtUsageException
from dbt.cli.main import dbtRunner
from dbt.exceptions import DbtProfileError

from project import findings, hints
from project.console import FAILED, OK, WIDTH, WRONG_USE, heading, say
from project.paths import LOGS, ROOT

BUILT_KINDS = ("model", "seed", "snapshot")
TEST_KINDS = ("test", "unit_test")
BAD_STATUSES = ("error", "fail", "runtime error", "partial success")
# Results of nodes and their repetition at the end, which the lines below tell better.
TOLD_ELSEWHERE = ("LogTestResult", "RunResultWarning", "RunResultWarningMessage")


@dataclass
class Outcome:
    """What a build came to."""

    is_success: bool
    results: list
    error: BaseException | None
    """Why dbt built nothing at all."""
    warehouse: Path

    @property
    def failures(self):
        return [result for result in self.results if result.status in BAD_STATUSES]

    @property
    def exit_code(self):
        if isinstance(self.error, DbtUsageException | DbtProfileError):
            return WRONG_USE
        if not self.is_success:
            known = [hints.find(message) for message in self.messages]
            is_local = any(hint and hint.is_about_this_machine for hint in known)
            return WRONG_USE if is_local else FAILED
        return OK if self.results else WRONG_USE

    @property
    def messages(self):
        """The error texts of this build."""
        failed = [result.message or "" for result in self.failures]
        return [str(self.error)] if self.error else failed


def run(data_set, target, options=(), manifest=None, is_quiet=False):
    """Build a data set with `dbt build` and further options of it.

    A manifest that is given saves parsing the project; quiet prints no progress.
    """
    callbacks = [] if is_quiet else [Progress()]
    answer = invoke("build", data_set, target, options, manifest, callbacks)
    results = list(answer.result.results) if answer.result else []
    return Outcome(answer.success, results, answer.exception, data_set.warehouse)


def parse(data_set, target, options=()):
    """Parse the project for builds to come: the outcome, and the manifest or None."""
    answer = invoke("parse", data_set, target, options)
    outcome = Outcome(answer.success, [], answer.exception, data_set.warehouse)
    return outcome, answer.result if answer.success else None


def invoke(command, data_set, target, options, manifest=None, callbacks=()):
    """Run a command of dbt on a data set."""
    # Relative paths, as in profiles.yml: views on raw files survive a move of the root.
    os.chdir(ROOT)
    os.environ["USER_SEGMENTATION_WAREHOUSE"] = str(data_set.warehouse)
    os.environ["USER_SEGMENTATION_RAW_PATH"] = str(data_set.raw)
    places = {
        "--project-dir": ".",
        "--profiles-dir": ".",
        "--target": target,
        "--target-path": str(data_set.target),
        "--log-path": LOGS.name,
    }
    words = [command, *(word for option in places.items() for word in option)]
    words += ["--log-level", "none", "--no-send-anonymous-usage-stats", *options]
    answer = dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke(words)
    # dbt keeps the warehouse locked for a next command, which does not come.
    DuckDBConnectionManager.close_all_connections()
    return answer


class Progress:
    """Prints a line per built table and per test that did not pass, and warnings."""

    def __init__(self):
        self.total = 0
        self.finished = 0
        # dbt calls back from each of its threads.
        self.lock = threading.Lock()

    def __call__(self, event):
        with self.lock:
            if event.info.name == "ConcurrencyLine":
                self.total = event.data.node_count
            elif event.info.name == "LogStartLine":
                self.check_total(event.data.total)
            elif event.info.name == "NodeFinished":
                self.finished += 1
                self.show(event.data.node_info, event.data.run_result)
            elif event.info.level == "warn" and event.info.name not in TOLD_ELSEWHERE:
                say(f"warning: {event.info.msg.strip()}")

    def check_total(self, total):
        """Forget the total when there are unit tests, which it leaves out.

        dbt adds them when the first node starts, but then with several threads it may
        add them more than once.
        """
        if total > self.total:
            self.total = 0

    def show(self, node, result):
        is_built = node.resource_type in BUILT_KINDS
        is_quiet = result.status in ("success", "pass", "skipped")
        if is_quiet and not is_built:
            return
        relation = node.node_relation
        name = f"{relation.schema}.{relation.alias}" if is_built else node.node_name
        status = "" if result.status == "success" else f"  {result.status}"
        is_within = self.finished <= self.total
        place = f"{self.finished}/{self.total}" if is_within else f"{self.finished}"
        say(f"{place:>9} {name} {result.execution_time:.1f}s{status}")


def report(outcome):
    """Print how many nodes came to which end; after a failure, messages and hints."""
    for title, kinds in (("tables and views", BUILT_KINDS), ("tests", TEST_KINDS)):
        ends = Counter(
            str(result.status)
            for result in outcome.results
            if result.node.resource_type in kinds
        )
        if ends:
            tally = ", ".join(f"{number} {end}" for end, number in ends.most_common())
            say(f"{ends.total()} {title}: {tally}")
    if not outcome.messages:
        return
    heading("What failed")
    for result in outcome.failures:
        report_failure(result, outcome.warehouse)
    if outcome.error:
        say(str(outcome.error).strip())
    known = [hints.find(message) for message in outcome.messages]
    for text in dict.fromkeys(hint.text for hint in known if hint):
        say(f"\nWhat to do: {text}")
    say(f"\nThe whole log of dbt: {LOGS.name}/dbt.log")


def report_failure(result, warehouse):
    """Print the message of a failed node; of a data test also the rows it found."""
    node = result.node
    say(f"{node.resource_type} {node.name} ({node.original_file_path})")
    is_data_test = node.resource_type == "test"
    if is_data_test and node.description:
        say(textwrap.indent(textwrap.fill(node.description, WIDTH - 2), "  "))
    say(textwrap.indent((result.message or "").strip(), "  "))
    if is_data_test:
        number = result.failures or 0
        for line in findings.lines_from_file(warehouse, node.compiled_code, number):
            say(f"    {line}")
        say(f"  query: {node.compiled_path}")
