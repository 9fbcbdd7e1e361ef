{#
    Aggregate: the value of the row that comes last in an order, rows without a value
    left out. Null over no rows.

    Arguments: value, SQL; order_by, list of SQL expressions, never null, unique
    together.
    Example: {{ latest("device_type", ["occurred_at", "event_id"]) }}
#}
{% macro latest(value, order_by) -%}
    {{ return(adapter.dispatch('latest', 'user_segmentation')(value, order_by)) }}
{%- endmacro %}

{% macro default__latest(value, order_by) -%}
    {{ return("max_by(" ~ value ~ ", struct(" ~ order_by | join(', ')
        ~ ")) filter (where " ~ value ~ " is not null)") }}
{%- endmacro %}

{% macro duckdb__latest(value, order_by) -%}
    {{ return("arg_max(" ~ value ~ ", (" ~ order_by | join(', ') ~ "))") }}
{%- endmacro %}

{% macro postgres__latest(value, order_by) -%}
    {{ return("(array_agg(" ~ value ~ " order by " ~ order_by | join(' desc, ')
        ~ " desc) filter (where " ~ value ~ " is not null))[1]") }}
{%- endmacro %}
