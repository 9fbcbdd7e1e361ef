{#
    What dbt does to fill the table of a seed. On Spark nothing, create_csv_table made
    it with its rows.

    Arguments: model, agate_table, from dbt.
#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{# BigQuery loads a seed from its file, with the engine's types of its columns. #}
{% macro bigquery__load_csv_rows(model, agate_table) -%}
    {{ return(dbt.bigquery__load_csv_rows(
        user_segmentation._engine_seed(model), agate_table
    )) }}
{%- endmacro %}

{% macro databricks__load_csv_rows(model, agate_table) -%}
    {{ return(dbt.databricks__load_csv_rows(model, agate_table)) }}
{%- endmacro %}
