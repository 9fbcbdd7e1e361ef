"""Evaluate segment rules on small raw data sets without a dbt command for each.

dbt compiles the models that rules read once for a set of variables, and any number of
segmentations in one more command. From then on a world of raw rows is loaded by running
that very SQL in an embedded DuckDB: tens of milliseconds instead of seconds.

    compiled = CompiledProject(parsed_project, as_of_date="2026-06-30")
    sql = compiled.sql_of({"buyer": "performed('purchase')"})
    compiled.load(events=[{"event_id": "e1", ...}], users=[])
    compiled.members(sql)  # {(date(2026, 6, 30), "buyer"): {"ann"}}

What dbt adds around a model is left out: contracts, tests and hooks.
"""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from raw_contract import CONTRACT

RULE_INPUTS = (
    "user_facts",
    "int_user_event_days",
    "int_user_events",
    "int_traits_as_of",
)
"""The models that the SQL of rules reads."""

READ_WHILE_PARSING = ("segmentations", "raw_schema", "raw_database", "raw_path")
"""Variables that come too late here, or would lead away from the raw rows loaded."""

SEPARATOR = "---- the next segmentation"


class CompilationError(Exception):
    """What dbt says about rules or models that it can not compile."""


class ModelError(Exception):
    """A model that fails on the raw rows that were loaded; the text names it."""


@dataclass(frozen=True)
class Segmentation:
    """A segmentation with a segment for each rule, written as in a model."""

    rules: dict[str, str]
    """The text of a rule by the name of its segment."""
    population: str | None = None
    assignment: str = "overlapping"
    otherwise: str | None = None
    model: str = "seg_example"
    """The name of the model that errors are told with."""

    def code(self):
        """The Jinja of a model that would be this segmentation.

        `segmentation(...)` itself belongs to a model: it sets its config.
        """
        return (
            f"{self.definition_code()}"
            f"{{{{ user_segmentation._segmentation_sql({jinja(self.model)}, "
            "definition) }}"
        )

    def definition_code(self):
        """The Jinja that gives the checked definition the name `definition`."""
        segments = ", ".join(
            f"segment({jinja(name)}, rule={rule})"
            for name, rule in self.rules.items()
        )
        return (
            "{%- set definition = user_segmentation._check_segmentation("
            f"{jinja(self.model)}, {{"
            f"'segments': [{segments}],"
            f"'assignment': {jinja(self.assignment)},"
            f"'otherwise': {jinja(self.otherwise)},"
            f"'population': {self.population or 'none'},"
            "'unknown_arguments': []}) -%}"
        )


def jinja(value):
    """A text as a literal of Jinja, or none."""
    return "none" if value is None else json.dumps(value)


def with_variables(project, folder, variables):
    """The parsed project, its raw rows in a folder, with variables in every command.

    Parsing takes seconds, and the project reads few variables then.
    """
    project = project.on(folder)
    command = project.dbt
    options = ("--vars", json.dumps(variables, default=str))
    project.dbt = lambda *given, **named: command(*given, *options, **named)
    return project


class CompiledProject:
    """The models that rules read, compiled once, and a small warehouse to run them in.

    The tables that rules read are rebuilt by a load; any other model that is needed,
    like a segmentation, is a view on top.

    Arguments: project, parsed; needed, names of models; values of variables.
    """

    def __init__(self, project, needed=RULE_INPUTS, **variables):
        if wrong := [name for name in variables if name in READ_WHILE_PARSING]:
            raise ValueError(
                f"{', '.join(wrong)} can not be set here; give the project its own "
                "value by set_variables before it is parsed"
            )
        self.folder = TemporaryDirectory(prefix="compiled_project_")
        # The raw rows are always those of load(), wherever the project has its own.
        places = {"raw_path": None, "raw_schema": None}
        self.project = with_variables(
            project, Path(self.folder.name), variables | places
        )
        self.project.raw.mkdir()
        compiled = self._compile_models(needed)
        self.nodes = self._in_order(needed)
        rebuilt = {node.unique_id for node in self._in_order(RULE_INPUTS)}
        raw_tables = self._raw_tables()
        self.statements = []
        for node in self.nodes:
            if node.resource_type == "model":
                is_table = node.config.materialized in ("table", "incremental")
                kind = "table" if is_table and node.unique_id in rebuilt else "view"
                sql = compiled[node.unique_id]
                statement = f"create or replace {kind} {node.relation_name} as {sql}"
                read = raw_tables[node.unique_id] if kind == "table" else set()
                self.statements.append((node.name, read, statement))
        self.loaded = {}
        self.connection = self._open_warehouse()

    def _compile_models(self, needed):
        """The SQL of each model that is needed, by its id."""
        options = ["--no-populate-cache", "--no-write-json"]
        options += ["--indirect-selection", "empty"]
        for name in needed:
            options += ["--select", f"+{name}"]
        answer = self.project.dbt("compile", *options)
        if not answer.succeeded:
            raise CompilationError(answer.error)
        results = answer.value.results
        return {result.node.unique_id: result.node.compiled_code for result in results}

    def _in_order(self, needed):
        """The models and seeds that are needed, each after those that it reads."""
        nodes = self.project.manifest.nodes
        by_name = {
            node.name: node
            for node in nodes.values()
            if node.resource_type in ("model", "seed")
        }
        found = {}

        def visit(node):
            for parent in node.depends_on_nodes:
                if parent in nodes and parent not in found:
                    visit(nodes[parent])
            found[node.unique_id] = node

        for name in needed:
            if name not in by_name:
                raise LookupError(f"the project has no model {name}")
            visit(by_name[name])
        return list(found.values())

    def _raw_tables(self):
        """The raw tables that each node reads, itself or through others, by its id."""
        found = defaultdict(set)
        for node in self.nodes:
            for parent in node.depends_on_nodes:
                is_source = parent.startswith("source.")
                found[node.unique_id] |= (
                    {parent.split(".")[-1]} if is_source else found[parent]
                )
        return found

    def _open_warehouse(self):
        # On a handful of rows threads cost more than they save.
        connection = duckdb.connect(config={"threads": 1})
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        for schema in {node.schema for node in self.nodes}:
            connection.execute(f'create schema if not exists "{schema}"')
        for node in self.nodes:
            if node.resource_type == "seed":
                self._load_seed(connection, node)
        return connection

    def _load_seed(self, connection, node):
        file = self.project.folder / node.original_file_path
        with file.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines))
        types = {name: node.config.column_types[name] for name in header}
        connection.execute(
            f"create table {node.relation_name} as "
            "select * from read_csv(?, header = true, delim = ',', quote = '\"', "
            "columns = ?)",
            [str(file), types],
        )

    def load(self, events, users=()):
        """Run the models on these raw rows: dictionaries of text, or None for null.

        A table that reads nothing which differs from the load before stays as it is,
        and a view is made once.
        """
        given = {
            "events": raw_lines("events", events),
            "users": raw_lines("users", users),
        }
        changed = {name for name in given if given[name] != self.loaded.get(name)}
        for name in changed:
            write_raw_lines(self.project.raw, name, given[name])
        is_first = not self.loaded
        # After an error nothing is known of what the tables hold.
        self.loaded = {}
        for name, read, statement in self.statements:
            if is_first or read & changed:
                try:
                    self.connection.execute(statement)
                except duckdb.Error as error:
                    raise ModelError(f"model {name}: {error}") from error
        self.loaded = given

    def sql_of(
        self, rules, population=None, assignment="overlapping", otherwise=None
    ):
        """The SQL of a segmentation with a segment for each rule."""
        [sql] = self.sql_of_many(
            [Segmentation(rules, population, assignment, otherwise)]
        )
        return sql

    def sql_of_many(self, segmentations):
        """The SQL of each of some segmentations, all in one command of dbt."""
        code = SEPARATOR.join(segmentation.code() for segmentation in segmentations)
        answer = self.project.compile(code)
        if not answer.succeeded:
            raise CompilationError(answer.error)
        [result] = answer.value.results
        loaded = {node.unique_id for node in self.nodes}
        if missing := sorted(set(result.node.depends_on_nodes) - loaded):
            names = ", ".join(name.split(".")[-1] for name in missing)
            raise LookupError(f"rules read {names}: name it in `needed`")
        return result.node.compiled_code.split(SEPARATOR)

    def sql_of_model(self, name):
        """The SQL of the memberships of a segmentation model that is needed."""
        for node in self.nodes:
            if node.name == name:
                return f"select * from {node.relation_name}"
        raise LookupError(f"{name} is not loaded: name it in `needed`")

    def members(self, sql):
        """The users of each segment that has any, by date and name of the segment."""
        found = defaultdict(set)
        result = self.connection.execute(
            f"select as_of_date, segment, user_id from ({sql}) as memberships"
        )
        for day, segment, user in result.fetchall():
            if user in found[day, segment]:
                raise ModelError(f"{user} is twice in {segment} on {day}")
            found[day, segment].add(user)
        return dict(found)

    def query(self, sql):
        """The rows of a query on what is loaded, as dictionaries."""
        result = self.connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def close(self):
        self.connection.close()
        self.folder.cleanup()


def raw_lines(table, given):
    """Raw rows as NDJSON, which tells null from empty text and holds any text."""
    for row in given:
        if unknown := row.keys() - CONTRACT[table].keys():
            raise ValueError(
                f"raw {table} has no column {', '.join(sorted(unknown))}; "
                f"it has {', '.join(CONTRACT[table])}"
            )
    return "".join(f"{json.dumps(row)}\n" for row in given)


def write_raw_lines(folder, table, lines):
    (folder / f"{table}.ndjson").write_text(lines, encoding="utf-8")
