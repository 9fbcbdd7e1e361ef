{#
    Rule: at most `percent` % of the users with a value in the segmentation's population
    have the same or a higher one in a column of `user_facts`. So ties stay together,
    and the segment is never larger than the share. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ top_percent('revenue_365d', 10) }}
#}
{% macro top_percent(column, percent) -%}
    {{ return({
        'rule': 'top_percent',
        'column': column,
        'percent': percent,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}
