{#
    Rule: none of the rules holds: the exact complement of `any_of`. Takes one or more
    rules; groups nest freely. Returns a rule, a plain dictionary.

    Example: {{ none_of(performed('login'), fact('plan', '=', 'basic')) }}
#}
{% macro none_of() -%}
    {{ return({
        'rule': 'none_of',
        'rules': varargs | list,
        'unknown_arguments': user_segmentation._unknown_arguments([], kwargs),
    }) }}
{%- endmacro %}
