{#
    SQL for the cells of a crossing, each with the segment that it is part of: itself
    when it is large enough, else the crossing of fewer columns that it is folded into.

    Cells are named by their values, `active / north / young`, what is folded into a
    coarser one `active / (other)`, into everything `(other)`. From the finest level up:
    a cell below the minimum goes to its parent. Where all that went to a parent is
    below the minimum, the smallest segment under that parent goes there too (of two of
    one size the one whose name comes first); without any, it goes on to the next
    parent. So no segment is below the minimum unless everybody together is.

    Arguments: relation, with `as_of_date`, the columns and one row per user; columns,
    from the coarsest level to the finest, without null, ' / ' and '(other)' as values;
    minimum, the least number of users of a segment, a whole number from 1.
    Example: {{ folded_cells('crossed', ['lifecycle', 'gender'], 50) }}
#}
{% macro folded_cells(relation, columns, minimum) -%}
    {%- if minimum is not integer or minimum is boolean or minimum < 1 -%}
        {%- do exceptions.raise_compiler_error(
            "folded_cells(minimum=): given " ~ minimum | tojson
            ~ "; allowed is a whole number from 1."
        ) -%}
    {%- endif -%}
    {%- if not user_segmentation._is_list(columns) or not columns
        or columns | reject('string') | list
        or columns | unique | list | length != columns | length -%}
        {%- do exceptions.raise_compiler_error(
            "folded_cells(columns=): given " ~ columns | tojson
            ~ "; allowed is a list of different names of columns, not empty."
        ) -%}
    {%- endif -%}
    {%- set finest = columns | length -%}
    {%- set key = (['as_of_date'] + columns) | join(', ') %}
    with

    depths_{{ finest }} as (
        select
            {{ key }},
            count(*) as user_count,
            case when count(*) >= {{ minimum }} then {{ finest }} else {{ finest - 1 }}
            end as depth
        from {{ relation }}
        group by {{ key }}
    ),
    {%- for depth in range(finest - 1, -1, -1) %}
    {%- set parent = (['as_of_date'] + columns[:depth]) | join(', ') %}

    named_{{ depth }} as (
        select
            *,
            {{ user_segmentation._cell_name(columns) }} as segment
        from depths_{{ depth + 1 }}
    ),

    sized_{{ depth }} as (
        select
            *,
            sum(user_count) over (partition by as_of_date, segment)
                as segment_user_count
        from named_{{ depth }}
    ),

    -- Under each parent: how many went to it, and the smallest segment that did not.
    compared_{{ depth }} as (
        select
            *,
            sum(case when depth = {{ depth }} then user_count else 0 end) over (
                partition by {{ parent }}
            ) as rest_user_count,
            max(depth) over (partition by {{ parent }}) as greatest_depth,
            first_value(segment) over (
                partition by {{ parent }}
                order by
                    case when depth > {{ depth }} then 0 else 1 end,
                    segment_user_count,
                    segment
            ) as smallest_segment
        from sized_{{ depth }}
    ),

    depths_{{ depth }} as (
        select
            {{ key }},
            user_count,
            case
                when rest_user_count = 0 or rest_user_count >= {{ minimum }} then depth
                when greatest_depth > {{ depth }}
                    then case
                        when segment = smallest_segment then {{ depth }} else depth
                    end
                else {{ [depth - 1, 0] | max }}
            end as depth
        from compared_{{ depth }}
    ),
    {%- endfor %}

    folded as (
        select
            {{ key }},
            {{ user_segmentation._cell_name(columns) }} as segment
        from depths_0
    )

    select * from folded
{%- endmacro %}

{# The name of the segment of a cell by how many of its columns are kept. #}
{% macro _cell_name(columns) -%}
    case depth
        {%- for depth in range(columns | length + 1) %}
        {%- set parts = [] -%}
        {%- for column in columns[:depth] -%}
            {%- do parts.extend([column, "' / '"]) -%}
        {%- endfor -%}
        {%- if depth < columns | length -%}
            {%- do parts.append("'(other)'") -%}
        {%- else -%}
            {%- do parts.pop() -%}
        {%- endif %}
        when {{ depth }} then {{ dbt.concat(parts) }}
        {%- endfor %}
    end
{%- endmacro %}
