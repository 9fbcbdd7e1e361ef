{#
    One segment of a segmentation: a name and the rule for being in it. Returns a plain
    dictionary for the argument `segments` of `segmentation`, which checks it.

    Example: {{ segment('vip', rule=fact('revenue_365d', '>=', 1000), owner='crm') }}
#}
{% macro segment(
    name, rule=none, description=none, owner=none, min_size=none, conflicts_with=[]
) -%}
    {{ return({
        'name': name,
        'rule': rule,
        'description': description,
        'owner': owner,
        'min_size': min_size,
        'conflicts_with': conflicts_with,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}
