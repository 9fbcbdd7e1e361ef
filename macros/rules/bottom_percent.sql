{#
    Rule: at most `percent` % of the users with a value in the segmentation's population
    have the same or a lower one in a column of `user_facts`. So ties stay together,
    and the segment is never larger than the share. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ bottom_percent('session_count_90d', 10) }}
#}
{% macro bottom_percent(column, percent) -%}
    {{ return({
        'rule': 'bottom_percent',
        'column': column,
        'percent': percent,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}
