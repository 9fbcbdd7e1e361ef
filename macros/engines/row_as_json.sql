{#
    A whole row, every column that it has, as one JSON object as text; missing
    values are left out.

    Arguments: row, the alias of a relation in the from clause, or a column that holds a
    row.
    Example: select {{ row_as_json("raw_events") }} from raw_events
#}
{% macro row_as_json(row) -%}
    {{ return(adapter.dispatch('row_as_json', 'user_segmentation')(row)) }}
{%- endmacro %}

{% macro default__row_as_json(row) -%}
    {{ return("cast(row_to_json(" ~ row ~ ") as " ~ dbt.type_string() ~ ")") }}
{%- endmacro %}

{% macro duckdb__row_as_json(row) -%}
    {{ return("cast(json_merge_patch('{}', to_json(" ~ row ~ ")) as varchar)") }}
{%- endmacro %}

{% macro postgres__row_as_json(row) -%}
    {{ return("cast(json_strip_nulls(row_to_json(" ~ row ~ ")) as text)") }}
{%- endmacro %}

{% macro spark__row_as_json(row) -%}
    {{ return("to_json(" ~ row ~ ")") }}
{%- endmacro %}

{% macro snowflake__row_as_json(row) -%}
    {{ return("to_json(" ~ row ~ ")") }}
{%- endmacro %}

{% macro bigquery__row_as_json(row) -%}
    {{ return("to_json_string(json_strip_nulls(to_json(" ~ row ~ ")))") }}
{%- endmacro %}
