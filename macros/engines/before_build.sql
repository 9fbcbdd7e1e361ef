{#
    What an engine wants before a table is built, as a hook; nothing on most. PostgreSQL
    expects one row to come out of a chain of CTEs, however many do, and so joins them
    row by row, in an order that makes them more first. In the order that is written,
    and by hash, it takes seconds and not hours.

    Example: +pre-hook: "{{ before_build() }}"
#}
{% macro before_build() -%}
    {{ return(adapter.dispatch('before_build', 'user_segmentation')()) }}
{%- endmacro %}

{% macro default__before_build() -%}
{%- endmacro %}

{% macro postgres__before_build() -%}
    set local enable_nestloop = off;
    set local enable_mergejoin = off;
    set local join_collapse_limit = 1
{%- endmacro %}
