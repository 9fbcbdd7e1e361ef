{#
    A text if it is a readable JSON object, else null. Every other macro on JSON may
    rely on that: some engines fail on malformed JSON, others read it as null.

    Example: {{ json_object("properties") }}
#}
{% macro json_object(expression) -%}
    {{ return(adapter.dispatch('json_object', 'user_segmentation')(expression)) }}
{%- endmacro %}

{% macro default__json_object(expression) -%}
    {{ return(
        "case when " ~ expression ~ " is json object then " ~ expression ~ " end"
    ) }}
{%- endmacro %}

{% macro duckdb__json_object(expression) -%}
    {{ return(
        "case when case when json_valid(" ~ expression ~ ")"
        ~ " then json_type(" ~ expression ~ ") end = 'OBJECT'"
        ~ " then " ~ expression ~ " end"
    ) }}
{%- endmacro %}

{# The function is made by create_engine_functions. #}
{% macro postgres__json_object(expression) -%}
    {{ return(
        adapter.quote(target.schema) ~ ".json_object_or_null(" ~ expression ~ ")"
    ) }}
{%- endmacro %}

{# Spark's parser stops behind the first value; within brackets it reads everything. #}
{% macro spark__json_object(expression) -%}
    {%- set objects = "from_json(concat('[', " ~ expression ~ ", ']'),"
        ~ " 'array<map<string, variant>>', map('allowSingleQuotes', 'false'))" -%}
    {{ return(
        "case when size(" ~ objects ~ ") = 1 and get(" ~ objects ~ ", 0) is not null"
        ~ " then " ~ expression ~ " end"
    ) }}
{%- endmacro %}

{% macro snowflake__json_object(expression) -%}
    {{ return(
        "case when typeof(try_parse_json(" ~ expression ~ ")) = 'OBJECT' then "
        ~ expression ~ " end"
    ) }}
{%- endmacro %}

{% macro bigquery__json_object(expression) -%}
    {{ return(
        "case when json_type(" ~ user_segmentation._bigquery_json(expression)
        ~ ") = 'object' then " ~ expression ~ " end"
    ) }}
{%- endmacro %}

{# A text as JSON of BigQuery, null where it is unreadable. #}
{% macro _bigquery_json(expression) -%}
    {{ return("safe.parse_json(" ~ expression ~ ", wide_number_mode => 'round')") }}
{%- endmacro %}
