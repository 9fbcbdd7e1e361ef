{#
    What dbt compares with the columns of a model that has a contract, with the types of
    the contract as the engine names them.

    Arguments: columns, from dbt.
#}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(
        user_segmentation._engine_columns(columns)
    )) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(
        user_segmentation._engine_columns(columns)
    )) }}
{%- endmacro %}

{% macro snowflake__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(
        user_segmentation._engine_columns(columns)
    )) }}
{%- endmacro %}

{% macro bigquery__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(
        user_segmentation._engine_columns(columns)
    )) }}
{%- endmacro %}
