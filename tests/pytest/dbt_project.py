"""Fixtures that run dbt in this process on copies of the project.

A test module that wants them says `pytest_plugins = "dbt_project"`. Warehouse, target
and logs of every copy are in the temporary folder of pytest: the data of the checkout
are never touched.
"""

import gc
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from segmentations import FEW_SEGMENTATIONS

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "models",
    "seeds",
    "tests/generic",
    "tests/singular",
)


@dataclass
class Answer:
    """What one command of dbt came to."""

    succeeded: bool
    value: object
    """What the command returns: results, or a manifest."""
    error: str
    """Every message about what failed."""
    warnings: list[str]


class DbtProject:
    """A dbt project in a folder. A manifest that is given saves parsing it."""

    def __init__(self, folder, manifest=None):
        self.folder = folder
        self.manifest = manifest
        self.warehouse = folder / "warehouse.duckdb"
        self.raw = folder / "raw"
        self.target = "prod"
        self.environment = {}
        """Variables that the profile of another target reads."""

    def on(self, folder):
        """The same parsed project with the raw input and warehouse of a folder."""
        project = DbtProject(self.folder, self.manifest)
        project.warehouse = folder / "warehouse.duckdb"
        project.raw = folder / "raw"
        return project

    def afresh(self):
        """The same project without its manifest, so that dbt reads its files again."""
        return DbtProject(self.folder)

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def set_variables(self, **variables):
        """Give variables of dbt_project.yml other values."""
        file = self.folder / "dbt_project.yml"
        settings = yaml.safe_load(file.read_text())
        settings["vars"]["user_segmentation"] |= variables
        file.write_text(yaml.safe_dump(settings, sort_keys=False))

    def dbt(self, command, *options, callbacks=()):
        """Run one command of dbt; callbacks get its events."""
        warnings, errors = [], []

        def listen(event):
            if event.info.level == "warn":
                warnings.append(event.info.msg)
            elif event.info.level == "error":
                errors.append(event.info.msg)

        places = {
            "--project-dir": self.folder,
            "--profiles-dir": self.folder,
            "--target": self.target,
            "--log-path": self.folder / "logs",
            "--log-level": "none",
        }
        words = [str(word) for place in places.items() for word in place]
        variables = {
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "USER_SEGMENTATION_WAREHOUSE": str(self.warehouse),
            "USER_SEGMENTATION_RAW_PATH": str(self.raw),
            **self.environment,
        }
        runner = dbtRunner(manifest=self.manifest, callbacks=[listen, *callbacks])
        with mock.patch.dict(os.environ, variables):
            answer = runner.invoke([command, *words, *options])
        errors.append(str(answer.exception or ""))
        answer.exception = None
        # dbt keeps the warehouse open for a next command in this process, and so does
        # the traceback of an error.
        DuckDBConnectionManager.close_all_connections()
        gc.collect()
        return Answer(answer.success, answer.result, "\n".join(errors), warnings)

    def parse(self):
        """Parse the project and keep the manifest for the commands to come."""
        answer = self.dbt("parse")
        assert answer.succeeded, answer.error
        self.manifest = answer.value
        return self

    def build(self, *selected, **variables):
        """Build tables and run the data tests on them alone, without unit tests."""
        options = ["--exclude-resource-type", "unit_test", "--vars", repr(variables)]
        options += ["--indirect-selection", "cautious"]
        for name in selected:
            options += ["--select", name]
        return self.dbt("build", *options)

    def compile(self, code):
        """Compile Jinja as if it stood in a model."""
        options = ("--no-populate-cache", "--no-introspect", "--no-write-json")
        answer = self.dbt("compile", "--inline", code, *options)
        # After an error dbt leaves the code behind, and the next one has its name.
        for name in [name for name in self.manifest.nodes if "inline_query" in name]:
            del self.manifest.nodes[name]
        return answer

    def rendered(self, code):
        """The text that Jinja renders to."""
        answer = self.compile(code)
        assert answer.succeeded, answer.error
        [result] = answer.value.results
        return result.node.compiled_code

    def query(self, sql):
        """The rows of a query on the warehouse, as dictionaries."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return rows(connection.execute(sql))

    def tables(self):
        """The names of all tables and views in the warehouse."""
        if not self.warehouse.exists():
            return []
        found = self.query("select table_name from information_schema.tables")
        return sorted(row["table_name"] for row in found)


def rows(result):
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="session")
def empty_project(tmp_path_factory):
    """Return what makes a folder for a project of its own."""
    return lambda name: DbtProject(tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def copy_project(empty_project):
    """Return what copies the project, with other values of variables, unparsed."""

    def copy(name, **variables):
        project = empty_project(name)
        for part in PARTS:
            source = ROOT / part
            target = project.folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        project.set_variables(**variables)
        return project

    return copy


@pytest.fixture(scope="session")
def parsed_project(copy_project):
    """The project with a few segmentations, parsed once for all tests.

    What they test is the same with all of them, and takes a third of the time.
    """
    return copy_project("project", segmentations=FEW_SEGMENTATIONS).parse()


@pytest.fixture(scope="session")
def whole_project(copy_project):
    """The project as it is, parsed once for all tests."""
    return copy_project("whole").parse()
