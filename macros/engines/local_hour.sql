{#
    The hour of the day, 0 to 23, of a UTC timestamp in the variable `time_zone`. Of an
    hour that comes twice when clocks go back both are the same.

    Example: {{ local_hour("occurred_at") }}
#}
{% macro local_hour(timestamp) -%}
    {%- set zone = var('time_zone', 'UTC') -%}
    {%- if zone == 'UTC' -%}
        {{ return("cast(extract(hour from " ~ timestamp ~ ") as integer)") }}
    {%- endif -%}
    {{ return(adapter.dispatch('local_hour', 'user_segmentation')(timestamp, zone)) }}
{%- endmacro %}

{% macro default__local_hour(timestamp, zone) -%}
    {{ return(
        "cast(extract(hour from timezone(" ~ user_segmentation.text_literal(zone)
        ~ ", timezone('UTC', " ~ timestamp ~ "))) as integer)"
    ) }}
{%- endmacro %}

{% macro spark__local_hour(timestamp, zone) -%}
    {{ return(
        "hour(from_utc_timestamp(" ~ timestamp ~ ", "
        ~ user_segmentation.text_literal(zone) ~ "))"
    ) }}
{%- endmacro %}

{% macro snowflake__local_hour(timestamp, zone) -%}
    {{ return(
        "cast(extract(hour from convert_timezone('UTC', "
        ~ user_segmentation.text_literal(zone) ~ ", " ~ timestamp ~ ")) as integer)"
    ) }}
{%- endmacro %}

{% macro bigquery__local_hour(timestamp, zone) -%}
    {{ return(
        "extract(hour from " ~ timestamp ~ " at time zone "
        ~ user_segmentation.text_literal(zone) ~ ")"
    ) }}
{%- endmacro %}
