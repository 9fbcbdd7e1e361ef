"""A warehouse that is not there, for adapters of dbt that need one to connect to.

`dbt build` runs as always, with its own macros and materializations, but what the
adapter would ask or tell the warehouse ends here: statements are written down and
answered with no rows, and which tables there are is known from the manifest. So every
statement of a build can be had without a connection.

    stand_in = StandIn("snowflake", is_built=True)
    answer, statements = stand_in.build(project)
"""

from collections import defaultdict
from contextlib import ExitStack
from importlib import import_module
from unittest import mock

from dbt.adapters.base import BaseAdapter
from dbt.adapters.contracts.connection import AdapterResponse, ConnectionState
from dbt_common.clients.agate_helper import table_from_data_flat
from dbt_common.events.contextvars import get_node_info

from raw_contract import CONTRACT

TEST_PASSES = {"failures": 0, "should_warn": False, "should_error": False}
ANSWERS = {
    "select current_timezone()": {"zone": "UTC"},
}
"""Rows of the queries whose answers a build can not do without."""
BESIDE = "__dbt_tmp"
"""The end of the names of tables in which new rows stand before they are moved."""


class StandIn:
    """One warehouse, empty but for the raw relations, or as a build left it."""

    def __init__(self, adapter, is_built):
        plugin = import_module(f"dbt.adapters.{adapter}").Plugin
        self.adapter = plugin.adapter
        self.is_built = is_built
        self.stored = str.upper if adapter == "snowflake" else str
        """How the warehouse stores names that are written without quotes."""
        self.statements = defaultdict(list)
        """What was to be executed, by the id of its node; None is around the nodes."""
        self.columns = {}
        """Names and types of columns by the name of the relation."""
        self.relations = {}
        """`table` or `view` by schema and name of the relation."""

    def build(self, project, **variables):
        """What dbt says of a build of everything, and the statements by node."""
        self._learn(project.manifest)
        with ExitStack() as patched:
            for owner, methods in (
                (self.adapter, self._of_adapter()),
                (self.adapter.ConnectionManager, self._of_connections()),
            ):
                for name, method in methods.items():
                    if hasattr(owner, name):
                        patched.enter_context(mock.patch.object(owner, name, method))
            answer = project.build(**variables)
        return answer, dict(self.statements)

    def _learn(self, manifest):
        for source in manifest.sources.values():
            name = source.identifier.lower()
            self.relations[source.schema.lower(), name] = "table"
            self.columns[name] = dict.fromkeys(CONTRACT[source.name], "text")
        for node in manifest.nodes.values():
            if node.resource_type not in ("model", "seed"):
                continue
            name = node.alias.lower()
            self.columns[name] = {
                column.name: column.data_type for column in node.columns.values()
            }
            if self.is_built:
                is_view = node.config.materialized == "view"
                self.relations[node.schema.lower(), name] = (
                    "view" if is_view else "table"
                )
        self.nodes = manifest.nodes

    def _of_adapter(self):
        """What stands in for methods of the adapter that ask the warehouse."""

        def relations(adapter, schema_relation, *_):
            return [
                adapter.Relation.create(
                    database=self.stored(schema_relation.database),
                    schema=self.stored(schema),
                    identifier=self.stored(name),
                    type=kind,
                )
                for (schema, name), kind in self.relations.items()
                if schema == (schema_relation.schema or "").lower()
            ]

        def relation(adapter, database, schema, identifier, **_):
            return BaseAdapter.get_relation(adapter, database, schema, identifier)

        def columns(adapter, relation, *_, **__):
            name = relation.identifier.lower().partition(BESIDE)[0]
            found = self.columns[name]
            return [
                adapter.Column(self.stored(name), kind or "text")
                for name, kind in found.items()
            ]

        def columns_of_query(adapter, sql):
            node = self.nodes[get_node_info()["unique_id"]]
            self.write_down(sql)
            return [
                adapter.Column(column.name, column.data_type)
                for column in node.columns.values()
            ]

        return {
            "list_relations_without_caching": relations,
            "get_relation": relation,
            "get_columns_in_relation": columns,
            "get_column_schema_from_query": columns_of_query,
            "list_schemas": lambda adapter, database: [],
            "load_dataframe": lambda *_: None,
            "expand_target_column_types": lambda *_, **__: None,
        }

    def _of_connections(self):
        """What stands in for methods of the connections."""

        def execute(_, sql, auto_begin=False, fetch=False, limit=None):
            self.write_down(sql)
            return AdapterResponse("OK"), self.answer(sql)

        def add_query(connections, sql, *_, **__):
            self.write_down(sql)
            return connections.get_thread_connection(), mock.MagicMock()

        def opened(connection):
            connection.state = ConnectionState.OPEN
            connection.handle = mock.MagicMock()
            return connection

        return {
            "execute": execute,
            "add_query": add_query,
            "open": staticmethod(opened),
            "begin": lambda connections: connections.get_thread_connection(),
            "commit": lambda connections: connections.get_thread_connection(),
            "commit_if_has_connection": lambda connections: None,
            "cancel_open": lambda connections: [],
        }

    def write_down(self, sql):
        node = (get_node_info() or {}).get("unique_id")
        self.statements[node].append(sql)

    def answer(self, sql):
        node = (get_node_info() or {}).get("unique_id") or ""
        if node.startswith("test."):
            row = TEST_PASSES
        else:
            row = ANSWERS.get(sql.strip())
        if row is None:
            return table_from_data_flat([], ["nothing"])
        return table_from_data_flat([row], list(row))
