{#
    Rule: a column of `user_facts` compares so with a value. Returns a rule, a plain
    dictionary.

    Arguments: column; operator, one of those in _macros.yml; value, none for `is set`
    and `is not set`, a pair for `between`, a list for `in`.
    Example: {{ fact('days_since_last_purchase', '>', 90) }}
#}
{% macro fact(column, operator, value=none) -%}
    {{ return({
        'rule': 'fact',
        'column': column,
        'operator': operator,
        'value': value,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_fact(rule, place) -%}
    {%- set type = user_segmentation._check_fact_column(rule.column, place) -%}
    {%- set condition = user_segmentation._check_condition(
        rule.operator, rule.value, place
    ) -%}
    {%- set family = user_segmentation._type_family(
        {'column': rule.column, 'type': type}
    ) -%}
    {%- set takes = user_segmentation._operators()[condition.operator] -%}
    {%- if family in ('date', 'timestamp')
        and takes in ('any', 'ordered', 'pair', 'list') -%}
        {%- set dates = [condition.value] if takes in ('any', 'ordered')
            else condition.value -%}
        {%- for date in dates if not user_segmentation._is_date(date) -%}
            {%- do user_segmentation._rule_error(
                place, 'value', condition.value,
                'a date, YYYY-MM-DD: ' ~ rule.column ~ ' is compared as a local date'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'rule': 'fact', 'column': rule.column, 'operator': condition.operator,
        'value': condition.value}) }}
{%- endmacro %}

{# Checks that user_facts has a column; returns its type, text while dbt parses. #}
{% macro _check_fact_column(column, place) -%}
    {#- At parse time dbt knows no columns yet. -#}
    {%- set types = user_segmentation._column_types('user_facts') -%}
    {%- if column is not string or (execute and column not in types) -%}
        {%- do user_segmentation._rule_error(
            place, 'column', column,
            ('a column of user_facts: ' ~ types.keys() | join(', ') if types
                else 'the name of a column of user_facts')
                ~ user_segmentation._did_you_mean(column, types.keys())
        ) -%}
    {%- endif -%}
    {{ return(types.get(column, 'varchar')) }}
{%- endmacro %}

{# The test of a checked `fact`, see _rule_test. #}
{% macro _fact_test(rule, inputs) -%}
    {%- set types = user_segmentation._column_types('user_facts') -%}
    {%- set value = {
        'column': rule.column, 'type': types.get(rule.column, 'varchar'),
    } -%}
    {{ return({
        'predicate': user_segmentation._comparison(value, rule.operator, rule.value),
        'observed': user_segmentation._shown_value(value),
        'required': user_segmentation._required_words(rule),
    }) }}
{%- endmacro %}
