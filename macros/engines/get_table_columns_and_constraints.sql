{#
    The columns with which dbt makes the table of a model that has a contract, with the
    types of the contract as the engine names them.

    Arguments: none; dbt calls it for the model that it builds.
#}
{% macro postgres__get_table_columns_and_constraints() -%}
    {%- set columns = adapter.render_raw_columns_constraints(
        raw_columns=user_segmentation._engine_columns(model.columns)
    ) -%}
    {%- set constraints = adapter.render_raw_model_constraints(
        raw_constraints=model.constraints
    ) -%}
    {{ return("(" ~ (columns + constraints) | join(', ') ~ ")") }}
{%- endmacro %}

{% macro snowflake__get_table_columns_and_constraints() -%}
    {{ return(user_segmentation.postgres__get_table_columns_and_constraints()) }}
{%- endmacro %}

{% macro bigquery__get_table_columns_and_constraints() -%}
    {{ return(user_segmentation.postgres__get_table_columns_and_constraints()) }}
{%- endmacro %}
