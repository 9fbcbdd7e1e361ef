{#
    A set operator that leaves every row once: `union`, `except` or `intersect`, to
    which BigQuery wants `distinct` said.

    Arguments: name, text.
    Example: select 1 as number {{ set_operator('union') }} select 2
#}
{% macro set_operator(name) -%}
    {{ return(adapter.dispatch('set_operator', 'user_segmentation')(name)) }}
{%- endmacro %}

{% macro default__set_operator(name) -%}
    {{ return(name) }}
{%- endmacro %}

{% macro bigquery__set_operator(name) -%}
    {{ return(name ~ ' distinct') }}
{%- endmacro %}
