"""Warehouses that the project is rendered for, and what their SQL knows.

Functions and types are those that the rendered SQL may use. A new one is looked up in the
reference of the warehouse and added, or is not for the SQL.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Warehouse:
    name: str
    """Of its adapter, and of its dialect in sqlglot."""
    profile: dict
    """A target in which nothing is real: nobody connects."""
    functions: frozenset[str]
    types: frozenset[str]
    unread: tuple[str, ...] = ()
    """Patterns of what the adapter itself writes and sqlglot can not read."""


def words(*texts):
    return frozenset(" ".join(texts).split())


EVERYWHERE = words(
    "abs acos asin avg cast coalesce count dense_rank exp extract first_value floor",
    "greatest lag last_value lead least left length ln lower max md5 min mod nullif",
    "power rank replace right row_number sign sin sqrt stddev_pop substring sum trim",
)

SNOWFLAKE = Warehouse(
    name="snowflake",
    profile={
        "type": "snowflake",
        "account": "account",
        "user": "user",
        "password": "password",
        "role": "transformer",
        "warehouse": "transforming",
        "database": "analytics",
        "schema": "segmentation",
        "threads": 1,
    },
    functions=EVERYWHERE
    | words(
        "array_agg array_construct array_contains array_size as_array boolor_agg chr",
        "convert_timezone dateadd datediff flatten get listagg object_construct",
        "parse_json percentile_cont position regexp_instr regexp_replace to_json",
        "to_variant try_cast try_parse_json typeof",
    ),
    types=words(
        "bigint boolean date decimal double integer text timestamp timestamp_ntz",
        "timestamp_tz varchar",
    )
    | {"double precision"},
)

BIGQUERY = Warehouse(
    name="bigquery",
    profile={
        "type": "bigquery",
        "method": "oauth",
        "project": "project",
        "dataset": "segmentation",
        "location": "EU",
        "threads": 1,
    },
    functions=EVERYWHERE
    | words(
        # safe_offset and safe_ordinal stand in brackets behind an array, options behind
        # a table that is created.
        "array_agg array_length ceil chr current_timestamp date datetime_add",
        "datetime_diff is_inf json_keys json_query_array json_strip_nulls json_type",
        "lax_string logical_or options parse_json regexp_contains regexp_replace round",
        "safe_cast safe_offset safe_ordinal starts_with string_agg strpos substr",
        "timestamp_add to_hex to_json to_json_string unnest",
    ),
    types=words(
        "bigint bignumeric bool date datetime decimal float64 int64",
        "integer numeric string timestamp",
    ),
)

DATABRICKS = Warehouse(
    name="databricks",
    profile={
        "type": "databricks",
        "host": "example.cloud.databricks.com",
        "http_path": "/sql/1.0/warehouses/0",
        "token": "token",
        "catalog": "main",
        "schema": "segmentation",
        "threads": 1,
    },
    functions=EVERYWHERE
    | words(
        "array array_contains array_join chr concat contains current_timezone",
        "date_trunc double explode from_json from_utc_timestamp get hour listagg map",
        "max_by overlay percentile position raise_error regexp_replace",
        "schema_of_variant size startswith struct timestampadd timestampdiff",
        "to_json transform try_cast try_element_at",
    ),
    types=words(
        "array bigint boolean date decimal double int integer map string timestamp"
    ),
    unread=(
        r"alter table \S+\s+change column \S+ set not null",
        r"insert into table \S+ as target\s+replace on \(",
    ),
)

WAREHOUSES = (SNOWFLAKE, BIGQUERY, DATABRICKS)
