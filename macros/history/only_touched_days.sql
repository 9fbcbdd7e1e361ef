{#
    SQL condition with which a model of days reads no more than it has to compute: days
    with new, changed or removed events. At first, and in a full refresh, all days.

    Arguments: column, SQL of the day.
    Example: where {{ only_touched_days() }}
#}
{% macro only_touched_days(column='activity_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set touched_days = ref('int_touched_days') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(column ~ ' in (select activity_date from ' ~ touched_days ~ ')') }}
{%- endmacro %}
