{#
    Two statements that change a table, as one: readers see both or none. dbt has begun
    a transaction on most engines. Databricks has none; there they are a list, which dbt
    executes one after the other.

    Arguments: first, second, SQL.
    Example: {{ return(in_one_transaction('delete from t', 'insert into t …')) }}
#}
{% macro in_one_transaction(first, second) -%}
    {{ return(adapter.dispatch('in_one_transaction', 'user_segmentation')(
        first, second
    )) }}
{%- endmacro %}

{% macro default__in_one_transaction(first, second) -%}
    {{ return(first ~ ";\n" ~ second) }}
{%- endmacro %}

{% macro snowflake__in_one_transaction(first, second) -%}
    {{ return(dbt.snowflake_dml_explicit_transaction(
        first ~ ";\n" ~ second
    )) }}
{%- endmacro %}

{% macro bigquery__in_one_transaction(first, second) -%}
    {{ return("begin transaction;\n" ~ first ~ ";\n" ~ second
        ~ ";\ncommit transaction") }}
{%- endmacro %}

{% macro databricks__in_one_transaction(first, second) -%}
    {{ return([first, second]) }}
{%- endmacro %}
