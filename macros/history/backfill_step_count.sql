{#
    At most how many snapshot dates a backfill asks for (variables `backfill_from` and
    `backfill_to`); 0 when there is none.

    Example: {% set steps = backfill_step_count() %}
#}
{% macro backfill_step_count() -%}
    {%- set first = var('backfill_from', none) -%}
    {%- set last = var('backfill_to', none) -%}
    {%- if not (first and last) -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set ends = [] -%}
    {%- for day in (first, last) -%}
        {%- set year, month, number = (day | string).split('-') | map('int') -%}
        {%- do ends.append(modules.datetime.date(year, month, number)) -%}
    {%- endfor -%}
    {%- set days = (ends[1] - ends[0]).days -%}
    {%- set cadence = var('snapshot_cadence', 'week') -%}
    {%- set step = {'day': 1, 'week': 7, 'month': 28}[cadence] -%}
    {{ return(days // step + 2) }}
{%- endmacro %}
