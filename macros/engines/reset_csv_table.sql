{#
    Makes the table of a seed anew on Databricks, with the types of its columns as the
    engine names them.

    Arguments: model, full_refresh, old_relation, agate_table, from dbt.
#}
{% macro databricks__reset_csv_table(
    model, full_refresh, old_relation, agate_table
) -%}
    {{ return(dbt.databricks__reset_csv_table(
        user_segmentation._engine_seed(model), full_refresh, old_relation, agate_table
    )) }}
{%- endmacro %}
