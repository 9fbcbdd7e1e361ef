{#
    Aggregate: the value of the row that comes last in an order, rows without a value
    left out. Null over no rows.

    Arguments: value, SQL; order_by, list of SQL expressions, never null, unique
    together; type, the SQL type of the value, which lists of some engines forget.
    Example: {{ latest("device_type", ["occurred_at", "event_id"]) }}
#}
{% macro latest(value, order_by, type='varchar') -%}
    {{ return(adapter.dispatch('latest', 'user_segmentation')(value, order_by, type)) }}
{%- endmacro %}

{% macro default__latest(value, order_by, type) -%}
    {{ return("max_by(" ~ value ~ ", struct(" ~ order_by | join(', ')
        ~ ")) filter (where " ~ value ~ " is not null)") }}
{%- endmacro %}

{% macro duckdb__latest(value, order_by, type) -%}
    {{ return("arg_max(" ~ value ~ ", (" ~ order_by | join(', ') ~ "))") }}
{%- endmacro %}

{% macro postgres__latest(value, order_by, type) -%}
    {{ return("(array_agg(" ~ value ~ " order by " ~ order_by | join(' desc, ')
        ~ " desc) filter (where " ~ value ~ " is not null))[1]") }}
{%- endmacro %}

{% macro snowflake__latest(value, order_by, type) -%}
    {{ return("cast(get(array_agg(" ~ value ~ ") within group (order by "
        ~ order_by | join(' desc, ') ~ " desc), 0) as "
        ~ user_segmentation.engine_type(type) ~ ")") }}
{%- endmacro %}

{% macro bigquery__latest(value, order_by, type) -%}
    {{ return("array_agg(" ~ value ~ " ignore nulls order by "
        ~ order_by | join(' desc, ') ~ " desc limit 1)[safe_offset(0)]") }}
{%- endmacro %}
