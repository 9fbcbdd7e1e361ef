{#
    A select with all columns of a relation and `corrected_p_value`, the p-value after
    Holm's correction: where every tested thing is as chance has it, one or more of a
    family is below 0.05 in 5 % of the cases at most, whatever their dependence. Rows
    without a p-value were not tested, do not count and have none.

    Arguments: relation, a CTE or table; p_value, its column; family, list of the
    columns within which the tests are one family; tie_order, list of columns that make
    the order of equal p-values certain.
    Example: {{ holm_correction('tested', 'p_value', ['as_of_date'], ['segment']) }}
#}
{% macro holm_correction(relation, p_value, family, tie_order) -%}
    {%- for name, columns in {'family': family, 'tie_order': tie_order}.items() -%}
        {%- if not user_segmentation._is_list(columns) or not columns -%}
            {%- do exceptions.raise_compiler_error(
                "holm_correction: " ~ name ~ " has to be a list of columns, not empty; "
                ~ "given was " ~ columns | tojson ~ "."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    select
        ranked.*,
        case
            when {{ p_value }} is not null
                then max(least({{ p_value }} * (test_count - p_rank + 1), 1)) over (
                    partition by {{ family | join(', ') }}
                    order by p_rank asc
                )
        end as corrected_p_value
    from (
        select
            {{ relation }}.*,
            count({{ p_value }}) over (partition by {{ family | join(', ') }})
                as test_count,
            row_number() over (
                partition by {{ family | join(', ') }}
                order by
                    case when {{ p_value }} is null then 1 else 0 end asc,
                    {{ p_value }} asc,
                    {{ tie_order | join(',\n                    ') }}
            ) as p_rank
        from {{ relation }}
    ) as ranked
{%- endmacro %}
