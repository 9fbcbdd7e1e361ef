{#
    Window expression: the last value that is not null, up to and with the current row.

    Arguments: value, partition_by and order_by, SQL.
    Example: {{ last_known('plan', 'user_id', 'updated_at') }} as plan
#}
{% macro last_known(value, partition_by, order_by) -%}
    {{ return(adapter.dispatch('last_known', 'user_segmentation')(
        value, partition_by, order_by
    )) }}
{%- endmacro %}

{% macro default__last_known(value, partition_by, order_by) -%}
    {{ return(
        "last_value(" ~ value ~ " ignore nulls) over (partition by " ~ partition_by
        ~ " order by " ~ order_by ~ " rows between unbounded preceding and current row)"
    ) }}
{%- endmacro %}

{# There is no `ignore nulls`: the last of the values so far, by their number. #}
{% macro postgres__last_known(value, partition_by, order_by) -%}
    {%- set so_far =
        " over (partition by " ~ partition_by ~ " order by " ~ order_by
        ~ " rows between unbounded preceding and current row)" -%}
    {{ return(
        "(array_agg(" ~ value ~ ") filter (where " ~ value ~ " is not null)" ~ so_far
        ~ ")[count(" ~ value ~ ")" ~ so_far ~ "]"
    ) }}
{%- endmacro %}

{% macro spark__last_known(value, partition_by, order_by) -%}
    {{ return(
        "last_value(" ~ value ~ ") ignore nulls over (partition by " ~ partition_by
        ~ " order by " ~ order_by ~ " rows between unbounded preceding and current row)"
    ) }}
{%- endmacro %}

{% macro snowflake__last_known(value, partition_by, order_by) -%}
    {{ return(user_segmentation.spark__last_known(value, partition_by, order_by)) }}
{%- endmacro %}
