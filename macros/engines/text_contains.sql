{#
    Whether a text holds, begins with or ends with another, exactly: no wildcards, case
    counts. Both sides are SQL expressions, so the part may be a column.

    Arguments: expression; part; side, one of 'anywhere', 'start', 'end'.
    Example: {{ text_contains("event_name", "'email_'", "start") }}
#}
{% macro text_contains(expression, part, side='anywhere') -%}
    {{ return(adapter.dispatch('text_contains', 'user_segmentation')(
        expression, part, side
    )) }}
{%- endmacro %}

{% macro default__text_contains(expression, part, side) -%}
    {%- if side == 'start' -%}
        {{ return("left(" ~ expression ~ ", length(" ~ part ~ ")) = " ~ part) }}
    {%- elif side == 'end' -%}
        {{ return("right(" ~ expression ~ ", length(" ~ part ~ ")) = " ~ part) }}
    {%- endif -%}
    {{ return(dbt.position(part, expression) ~ " > 0") }}
{%- endmacro %}

{% macro duckdb__text_contains(expression, part, side) -%}
    {%- set functions =
        {'anywhere': 'contains', 'start': 'starts_with', 'end': 'ends_with'}
    -%}
    {{ return(functions[side] ~ "(" ~ expression ~ ", " ~ part ~ ")") }}
{%- endmacro %}
