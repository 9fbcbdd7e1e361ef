{#
    SQL condition with which a segmentation reads no more than it has to compute: the
    snapshot dates that are due for it. At first, and in a full refresh, all that are
    kept.

    Arguments: segmentation, its name, or none for dates that are due for any; column,
    SQL of the date.
    Example: where {{ only_due_snapshots('lifecycle') }}
#}
{% macro only_due_snapshots(segmentation=none, column='as_of_date') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set due_snapshots = ref('int_due_snapshots') -%}
    {%- set as_of_dates = ref('int_as_of_dates') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set condition = '' if segmentation is none
        else ' where segmentation = ' ~ user_segmentation.text_literal(segmentation) -%}
    {{ return(user_segmentation.one_of_the_dates(
        column, 'select distinct as_of_date from ' ~ due_snapshots ~ condition
    )) }}
{%- endmacro %}
