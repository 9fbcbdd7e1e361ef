{#
    What dbt compares with the columns of a model that has a contract, with the types of
    the contract as the engine names them.

    Arguments: columns, from dbt.
#}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set typed = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do typed.update({name: dict(
            column, data_type=user_segmentation.engine_type(column.data_type)
        )}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(typed)) }}
{%- endmacro %}
