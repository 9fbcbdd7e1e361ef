{#
    Rule: always true. Returns a rule, a plain dictionary.

    Example: {{ segment('all_users', rule=everyone()) }}
#}
{% macro everyone() -%}
    {{ return({
        'rule': 'everyone',
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}
