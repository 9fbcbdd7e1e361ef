{#
    The day that a text holds, else null. A time behind the day is cut off: a plain date
    is never shifted between time zones.

    Example: {{ read_date("birth_date") }}
#}
{% macro read_date(expression) -%}
    {{ return(adapter.dispatch('read_date', 'user_segmentation')(expression)) }}
{%- endmacro %}

{% macro default__read_date(expression) -%}
    {{ return(
        "case when " ~ user_segmentation.read_timestamp(expression)
        ~ " is not null then "
        ~ dbt.safe_cast("left(" ~ expression ~ ", 10)", "date") ~ " end"
    ) }}
{%- endmacro %}

{% macro duckdb__read_date(expression) -%}
    {{ return(
        "case when " ~ user_segmentation.read_timestamp(expression)
        ~ " is not null then try_cast(left(" ~ expression ~ ", 10) as date) end"
    ) }}
{%- endmacro %}

{% macro postgres__read_date(expression) -%}
    {{ return(
        "case when " ~ user_segmentation.read_timestamp(expression)
        ~ " is not null then cast(left(" ~ expression ~ ", 10) as date) end"
    ) }}
{%- endmacro %}

{% macro spark__read_date(expression) -%}
    {{ return(
        "case when " ~ user_segmentation.read_timestamp(expression)
        ~ " is not null then try_cast(left(" ~ expression ~ ", 10) as date) end"
    ) }}
{%- endmacro %}
