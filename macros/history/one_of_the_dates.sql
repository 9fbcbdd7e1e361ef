{#
    SQL condition: a date is one of those that a query gives. The query is run now and
    its dates become literals, since engines read only the partitions of dates that they
    see.

    Arguments: column, SQL of the date; query, SQL of one column of dates.
    Example: where {{ one_of_the_dates('as_of_date', 'select as_of_date from due') }}
#}
{% macro one_of_the_dates(column, query) -%}
    {%- set dates = run_query(query ~ ' order by 1').columns[0].values() -%}
    {%- if not dates -%}
        {{ return('false') }}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- for day in dates -%}
        {%- do literals.append(
            'cast(' ~ user_segmentation.text_literal(day | string) ~ ' as date)'
        ) -%}
    {%- endfor -%}
    {{ return(column ~ ' in (' ~ literals | join(', ') ~ ')') }}
{%- endmacro %}
