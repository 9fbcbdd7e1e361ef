{#
    A type as contracts and seeds of the project name it, as the engine names it.

    Arguments: type, as in `data_type` and `column_types`.
    Example: {{ engine_type('varchar') }} -> string
#}
{% macro engine_type(type) -%}
    {{ return(adapter.dispatch('engine_type', 'user_segmentation')(type)) }}
{%- endmacro %}

{% macro default__engine_type(type) -%}
    {{ return(type) }}
{%- endmacro %}

{% macro spark__engine_type(type) -%}
    {{ return('string' if type == 'varchar' else type) }}
{%- endmacro %}
