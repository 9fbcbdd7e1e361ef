{#
    SQL condition with which a model that holds the current date D alone reads no more
    than it has to compute: D where it is due.

    Arguments: column, SQL of the date.
    Example: where {{ only_due_current_date() }}
#}
{% macro only_due_current_date(column='as_of_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set due_snapshots = ref('int_due_snapshots') -%}
    {%- set as_of_dates = ref('int_as_of_dates') -%}
    {%- set current_dates =
        'select dates.as_of_date from ' ~ as_of_dates ~ ' as dates'
        ~ ' where dates.is_current' -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return(column ~ ' in (' ~ current_dates ~ ')') }}
    {%- endif -%}
    {{ return(user_segmentation.one_of_the_dates(
        column,
        current_dates ~ ' and exists (select 1 from ' ~ due_snapshots ~ ' as due'
        ~ ' where due.as_of_date = dates.as_of_date)'
    )) }}
{%- endmacro %}
