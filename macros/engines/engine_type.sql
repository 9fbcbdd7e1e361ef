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

{% macro snowflake__engine_type(type) -%}
    {{ return('timestamp_ntz' if type == 'timestamp' else type) }}
{%- endmacro %}

{# A decimal of 38 digits with four behind the point is beyond numeric. #}
{% macro bigquery__engine_type(type) -%}
    {%- set types = {
        'varchar': 'string',
        'double': 'float64',
        'integer': 'int64',
        'bigint': 'int64',
        'boolean': 'bool',
        'decimal(38,4)': 'bignumeric(38, 4)',
    } -%}
    {{ return(types.get(type, type | replace('decimal', 'numeric'))) }}
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

{# A seed with the engine's types of its columns. #}
{% macro _engine_seed(model) -%}
    {%- set types = {} -%}
    {%- for name, type in model.config.get('column_types', {}).items() -%}
        {%- do types.update({name: user_segmentation.engine_type(type)}) -%}
    {%- endfor -%}
    {{ return(dict(model, config=dict(model.config, column_types=types))) }}
{%- endmacro %}
