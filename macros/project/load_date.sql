{#
    The UTC day on which raw data are loaded, as a date literal. The only place with a
    clock: an event later than the day after its load can not have happened, so it is
    rejected. The variable `load_date` fixes the day, for instance in tests.

    Example: {{ load_date() }} -> cast('2026-06-30' as date)
#}
{% macro load_date() -%}
    {%- set day = var('load_date', none) or run_started_at.strftime('%Y-%m-%d') -%}
    cast({{ user_segmentation.text_literal(day | string) }} as date)
{%- endmacro %}
