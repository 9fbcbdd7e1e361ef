{#
    SQL condition with which a model of what came after a date reads no more than it has
    to compute: the dates whose outcomes are due. At first all dates.

    Arguments: column, SQL of the date.
    Example: where {{ only_due_outcomes() }}
#}
{% macro only_due_outcomes(column='as_of_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set due_outcomes = ref('int_due_outcomes') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(user_segmentation.one_of_the_dates(
        column, 'select as_of_date from ' ~ due_outcomes
    )) }}
{%- endmacro %}
