{#
    A select of the pairs of segments that `conflicts_with` declares, one row each;
    without any row where none is declared.

    Example: with declared as ({{ declared_conflicts_sql() }}) select * from declared
#}
{% macro declared_conflicts_sql() -%}
    {%- set names = [
        'segmentation', 'segment', 'other_segmentation', 'other_segment',
    ] -%}
    {%- for pair in user_segmentation.declared_conflicts() -%}
    select
        {%- for name in names %}
        {{ user_segmentation.text_literal(pair[name]) }} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    union all
    {% endfor -%}
    select
        {%- for name in names %}
        cast(null as {{ dbt.type_string() }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
