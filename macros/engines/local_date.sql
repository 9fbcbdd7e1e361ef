{#
    The calendar day of a UTC timestamp in the variable `time_zone`. Windows, gaps and
    periods compare these days, never instants, so no daylight saving rule can matter.

    Example: {{ local_date("occurred_at") }}
#}
{% macro local_date(timestamp) -%}
    {%- set zone = var('time_zone', 'UTC') -%}
    {%- if zone == 'UTC' -%}
        {{ return("cast(" ~ timestamp ~ " as date)") }}
    {%- endif -%}
    {{ return(adapter.dispatch('local_date', 'user_segmentation')(timestamp, zone)) }}
{%- endmacro %}

{% macro default__local_date(timestamp, zone) -%}
    {{ return(
        "cast(timezone(" ~ user_segmentation.text_literal(zone) ~ ", timezone('UTC', "
        ~ timestamp ~ ")) as date)"
    ) }}
{%- endmacro %}

{% macro spark__local_date(timestamp, zone) -%}
    {{ return(
        "cast(from_utc_timestamp(" ~ timestamp ~ ", "
        ~ user_segmentation.text_literal(zone) ~ ") as date)"
    ) }}
{%- endmacro %}

{% macro snowflake__local_date(timestamp, zone) -%}
    {{ return(
        "cast(convert_timezone('UTC', " ~ user_segmentation.text_literal(zone) ~ ", "
        ~ timestamp ~ ") as date)"
    ) }}
{%- endmacro %}

{% macro bigquery__local_date(timestamp, zone) -%}
    {{ return(
        "date(" ~ timestamp ~ ", " ~ user_segmentation.text_literal(zone) ~ ")"
    ) }}
{%- endmacro %}
