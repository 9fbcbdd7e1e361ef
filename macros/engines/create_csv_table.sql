{#
    Makes the table of a seed, with the types of its columns as the engine names them.

    Arguments: model, agate_table, from dbt.
#}
{% macro postgres__create_csv_table(model, agate_table) -%}
    {%- set types = {} -%}
    {%- for name, type in model.config.get('column_types', {}).items() -%}
        {%- do types.update({name: user_segmentation.engine_type(type)}) -%}
    {%- endfor -%}
    {{ return(dbt.default__create_csv_table(
        {'config': dict(model.config, column_types=types)}, agate_table
    )) }}
{%- endmacro %}
