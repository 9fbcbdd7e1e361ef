{#
    Rule: all of the rules hold. Takes one or more rules; groups nest freely.
    Returns a rule, a plain dictionary.

    Example: {{ all_of(performed('login'), fact('plan', '=', 'basic')) }}
#}
{% macro all_of() -%}
    {{ return({
        'rule': 'all_of',
        'rules': varargs | list,
        'unknown_arguments': user_segmentation._unknown_arguments([], kwargs),
    }) }}
{%- endmacro %}
