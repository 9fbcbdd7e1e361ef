{#
    The columns that bring a fitted seed, one line a feature, into one row: an aggregate
    for each feature, named after it. A feature without a line is null.

    Arguments: value, the column of the seed; suffix, of the names, by default none.
    Example: select {{ pivoted_features('mean', suffix='_mean') }} from …
#}
{% macro pivoted_features(value, suffix='') -%}
    {%- for feature in user_segmentation.feature_columns() -%}
        max(case when feature = '{{ feature }}' then {{ value }} end)
            as {{ feature }}{{ suffix }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
