{#
    Rule: a random share of users that stays the same for the same salt: a hash of the
    salt and the user_id is below a limit. A smaller share lies inside a larger one of
    the same salt. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ random_split(10, 'holdout 2026') }}
#}
{% macro random_split(percent, salt) -%}
    {{ return({
        'rule': 'random_split',
        'percent': percent,
        'salt': salt,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_random_split(rule, place) -%}
    {%- do user_segmentation._check_percent(rule.percent, place, may_be_zero=true) -%}
    {%- if rule.salt is not string or not rule.salt -%}
        {%- do user_segmentation._rule_error(
            place, 'salt', rule.salt, 'a text that is not empty'
        ) -%}
    {%- endif -%}
    {{ return({
        'rule': 'random_split', 'percent': rule.percent, 'salt': rule.salt,
    }) }}
{%- endmacro %}

{#
    The test of a checked `random_split`, see _rule_test. Hex digits compare as text
    like the numbers that they are, on every engine; casts are spelt differently.
#}
{% macro _random_split_test(rule, inputs) -%}
    {%- set salted = dbt.concat([
        user_segmentation.text_literal(rule.salt ~ ':'), 'user_id',
    ]) -%}
    {%- set digits = "left(" ~ dbt.hash(salted) ~ ", 8)" -%}
    {%- set limit = (rule.percent * 4294967296 / 100) | round(0, 'ceil') | int -%}
    {#- A limit of nine digits, that of 100 %, is above everyone. -#}
    {%- set limit_digits = '%08x' | format(limit) -%}
    {{ return({
        'predicate': 'true' if limit_digits | length > 8
            else digits ~ " < '" ~ limit_digits ~ "'",
        'observed': digits,
        'required': '< ' ~ limit_digits,
    }) }}
{%- endmacro %}

{% macro _random_split_words(rule) -%}
    {{ return(
        'is in a random ' ~ user_segmentation._number_words(rule.percent)
        ~ ' % of users (' ~ rule.salt ~ ')'
    ) }}
{%- endmacro %}
