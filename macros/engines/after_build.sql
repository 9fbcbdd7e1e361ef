{#
    What an engine wants after a table has been built, as a hook; nothing on most.
    PostgreSQL plans by counts that it takes itself only a minute later: without them it
    joins tables of any size row by row.

    Example: +post-hook: "{{ after_build() }}"
#}
{% macro after_build() -%}
    {{ return(adapter.dispatch('after_build', 'user_segmentation')()) }}
{%- endmacro %}

{% macro default__after_build() -%}
{%- endmacro %}

{% macro postgres__after_build() -%}
    {%- if config.get('materialized') != 'view' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
