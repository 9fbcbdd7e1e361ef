{#
    Rule: at least one of the rules holds. Takes one or more rules; groups nest freely.
    Returns a rule, a plain dictionary.

    Example: {{ any_of(performed('login'), fact('plan', '=', 'basic')) }}
#}
{% macro any_of() -%}
    {{ return({
        'rule': 'any_of',
        'rules': varargs | list,
        'unknown_arguments': user_segmentation._unknown_arguments([], kwargs),
    }) }}
{%- endmacro %}
