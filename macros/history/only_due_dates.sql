{#
    SQL condition with which a dated model reads no more than it has to compute: the
    snapshot dates that are due. At first, and in a full refresh, all dates that are
    kept.

    Arguments: column, SQL of the date.
    Example: where {{ only_due_dates() }}
#}
{% macro only_due_dates(column='as_of_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set as_of_dates = ref('int_as_of_dates') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(user_segmentation.one_of_the_dates(
        column, 'select as_of_date from ' ~ as_of_dates ~ ' where is_due'
    )) }}
{%- endmacro %}
