{#
    What dbt does on Spark to fill the table of a seed: nothing, create_csv_table made
    it with its rows.

    Arguments: model, agate_table, from dbt.
#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}
