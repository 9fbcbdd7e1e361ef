{#
    A type as contracts and seeds of the project name it, as the engine names it.

    Arguments: type, as in `data_type` and `column_types`.
    Example: {{ engine_type('double') }} -> double precision
#}
{% macro engine_type(type) -%}
    {{ return(adapter.dispatch('engine_type', 'user_segmentation')(type)) }}
{%- endmacro %}

{% macro default__engine_type(type) -%}
    {{ return(type) }}
{%- endmacro %}

{% macro postgres__engine_type(type) -%}
    {{ return('double precision' if type == 'double' else type) }}
{%- endmacro %}

{% macro spark__engine_type(type) -%}
    {{ return('string' if type == 'varchar' else type) }}
{%- endmacro %}

{# Columns of a contract with the engine's types. #}
{% macro _engine_columns(columns) -%}
    {%- set typed = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do typed.update({name: dict(
            column, data_type=user_segmentation.engine_type(column.data_type)
        )}) -%}
    {%- endfor -%}
    {{ return(typed) }}
{%- endmacro %}
