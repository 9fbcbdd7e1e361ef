"""The engines that the project runs on, each as tests start, fill and read it.

An engine has the name of a target in `profiles.yml`. Adding one is a class here with a
line in `ENGINES`; test_engine_parity.py does the rest.
"""

import io
import os
import shutil
from abc import ABC, abstractmethod
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

import duckdb
import yaml
from jinja2 import Template

from project.paths import ROOT

RAW_SCHEMA = "landing"
"""The schema of the raw relations, on every engine."""

SCHEMA = "parity"
"""What the names of all schemas of the project begin with, on every engine."""


@dataclass
class Answer:
    """The rows of a query."""

    columns: list[str]
    rows: list[tuple]
    """Values as Python has them: int, float, Decimal, str, bool, date and datetime."""


class Engine(ABC):
    """One engine, from its start to its end.

        with engine.started(folder):
            project.target, project.environment = engine.target, engine.environment
            engine.load("events", ["event_id", …], rows)
            engine.query("select …")
    """

    name: str
    target: str
    """The target in profiles.yml."""
    unlike: dict[str, str] = {}
    """Columns that can not be as on DuckDB, `table.column`, with the reason."""

    def __init__(self):
        self.environment = {"USER_SEGMENTATION_SCHEMA": SCHEMA}
        """Variables that the profile reads, complete once the engine has started."""

    @abstractmethod
    def why_not(self):
        """Why it can not be started on this machine, in words; None where it can."""

    @abstractmethod
    def started(self, folder):
        """A context in which it runs; its files are in the folder or go with it."""

    @abstractmethod
    def load(self, table, columns, rows):
        """Append rows of texts to a relation of RAW_SCHEMA, made when it is missing."""

    @abstractmethod
    def query(self, sql):
        """The answer of a query."""

    def table(self, schema, name):
        return self.query(f"select * from {schema}.{name}")


class DuckDB(Engine):
    """What the others are compared with."""

    name = "duckdb"
    target = "dev"

    def why_not(self):
        return None

    @contextmanager
    def started(self, folder):
        self.file = folder / "warehouse.duckdb"
        self.environment["USER_SEGMENTATION_WAREHOUSE"] = str(self.file)
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(f"create schema {RAW_SCHEMA}")
        yield

    def load(self, table, columns, rows):
        place = f"{RAW_SCHEMA}.{table}"
        with duckdb.connect(str(self.file)) as connection:
            typed = ", ".join(f"{column} varchar" for column in columns)
            connection.execute(f"create table if not exists {place} ({typed})")
            # One parameter for all rows: a statement for each takes minutes.
            lists = [list(values) for values in zip(*rows, strict=True)]
            unnested = ", ".join("unnest(cast(? as varchar[]))" for _ in columns)
            connection.execute(f"insert into {place} select {unnested}", lists)

    def query(self, sql):
        with duckdb.connect(str(self.file), read_only=True) as connection:
            found = connection.execute(sql)
            return Answer([name for name, *_ in found.description], found.fetchall())


class Postgres(Engine):
    """A server of this machine's PostgreSQL, see postgres_server.py."""

    name = "postgres"
    target = "postgres"

    def why_not(self):
        if find_spec("dbt.adapters.postgres") is None:
            return "dbt-postgres is not installed (requirements-postgres.txt)"
        from postgres_server import why_not

        return why_not()

    @contextmanager
    def started(self, folder):
        from postgres_server import postgres_server

        with postgres_server() as self.server:
            self.environment |= {
                "USER_SEGMENTATION_POSTGRES_HOST": self.server.host,
                "USER_SEGMENTATION_POSTGRES_PORT": str(self.server.port),
                "USER_SEGMENTATION_POSTGRES_USER": self.server.user,
                "USER_SEGMENTATION_POSTGRES_DATABASE": self.server.database,
            }
            self.query(f"create schema {RAW_SCHEMA}")
            yield

    def load(self, table, columns, rows):
        place = f"{RAW_SCHEMA}.{table}"
        typed = ", ".join(f"{column} text" for column in columns)
        lines = "".join("\t".join(map(copied, row)) + "\n" for row in rows)
        with closing(self.server.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"create table if not exists {place} ({typed})")
            cursor.copy_expert(f"copy {place} from stdin", io.StringIO(lines))

    def query(self, sql):
        with closing(self.server.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            if cursor.description is None:
                return Answer([], [])
            return Answer([name for name, *_ in cursor.description], cursor.fetchall())


def copied(text):
    """A text as COPY reads it."""
    if text is None:
        return r"\N"
    for special, written in ("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"):
        text = text.replace(special, written)
    return text


class Spark(Engine):
    """Spark in this process, one session for dbt and for the tests."""

    name = "spark"
    target = "spark"

    def why_not(self):
        if find_spec("dbt.adapters.spark") is None or find_spec("pyspark") is None:
            return "dbt-spark[session] is not installed (requirements-spark.txt)"
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            return "there is no Java on this machine, which Spark runs on"
        return None

    @contextmanager
    def started(self, folder):
        from pyspark.sql import SparkSession

        self.environment["USER_SEGMENTATION_SPARK_WAREHOUSE"] = str(folder)
        builder = SparkSession.builder.enableHiveSupport()
        for name, value in self._settings().items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")
        try:
            self.session.sql(f"create schema {RAW_SCHEMA}")
            yield
        finally:
            self.session.stop()

    def _settings(self):
        """Those of the target: what a session is started with can't be changed later."""
        target = yaml.safe_load((ROOT / "profiles.yml").read_text())
        given = target["user_segmentation"]["outputs"][self.target]
        values = os.environ | self.environment
        return {
            name: Template(str(value)).render(
                env_var=lambda name, default=None: values.get(name, default)
            )
            for name, value in given["server_side_parameters"].items()
        }

    def load(self, table, columns, rows):
        typed = ", ".join(f"{column} string" for column in columns)
        self.session.createDataFrame(rows, typed).write.mode("append").saveAsTable(
            f"{RAW_SCHEMA}.{table}"
        )

    def query(self, sql):
        found = self.session.sql(sql)
        # A timestamp would come in the zone of this machine.
        plain = found.select(
            *(
                found[name].cast("timestamp_ntz") if kind == "timestamp" else found[name]
                for name, kind in found.dtypes
            )
        )
        return Answer(found.columns, [tuple(row) for row in plain.collect()])


ENGINES = (Postgres, Spark)
"""Those that are compared with DuckDB."""
