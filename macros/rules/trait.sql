{#
    Rule: a key of the profile's `traits` compares so with a value. Returns a rule, a
    plain dictionary. The name is a key as written, else a path with dots into objects.

    Arguments: as those of `fact`.
    Example: {{ trait('account_type', '=', 'prepaid') }}
#}
{% macro trait(name, operator, value=none) -%}
    {{ return({
        'rule': 'trait',
        'name': name,
        'operator': operator,
        'value': value,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_trait(rule, place) -%}
    {%- if rule.name is not string or not rule.name -%}
        {%- do user_segmentation._rule_error(
            place, 'name', rule.name, 'the name of a key of traits'
        ) -%}
    {%- endif -%}
    {%- set condition = user_segmentation._check_condition(
        rule.operator, rule.value, place
    ) -%}
    {{ return({'rule': 'trait', 'name': rule.name, 'operator': condition.operator,
        'value': condition.value}) }}
{%- endmacro %}

{#
    The test of a checked `trait`, see _rule_test. Traits come as one small JSON object
    per user and date with the keys that the rules read, so that a trait compares just
    like a property of an event.
#}
{% macro _trait_test(rule, inputs) -%}
    {%- for key in [rule.name, rule.name.split('.')[0]] if key not in inputs.traits -%}
        {%- do inputs.traits.append(key) -%}
    {%- endfor -%}
    {%- set value = {'json': 'traits', 'name': rule.name} -%}
    {{ return({
        'predicate': user_segmentation._comparison(value, rule.operator, rule.value),
        'observed': user_segmentation._shown_value(value),
        'required': user_segmentation._required_words(rule),
    }) }}
{%- endmacro %}
