{#
    SQL condition with which a model that compares a date with the one before it reads
    no more than it has to compute. At first all dates.

    Arguments: column, SQL of the date.
    Example: where {{ only_affected_dates() }}
#}
{% macro only_affected_dates(column='as_of_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set affected_dates = ref('int_affected_dates') -%}
    {%- set as_of_dates = ref('int_as_of_dates') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(user_segmentation.one_of_the_dates(
        column, 'select as_of_date from ' ~ affected_dates
    )) }}
{%- endmacro %}
