{#
    Checks `where`-like conditions, a dictionary from a name to a value, a list of
    values or [operator, value], and returns a dictionary from the name to {operator,
    value}.

    Arguments: conditions, as given or none; argument, its name; place, see _rule_error.
#}
{% macro _check_conditions(conditions, argument, place) -%}
    {%- if conditions is none -%}
        {{ return({}) }}
    {%- endif -%}
    {%- if conditions is not mapping or not conditions -%}
        {%- do user_segmentation._rule_error(
            place, argument, conditions,
            "a dictionary from an event column or property to a value, a list of "
            ~ "values or [operator, value]"
        ) -%}
    {%- endif -%}
    {%- set operators = user_segmentation._operators() -%}
    {%- set checked = {} -%}
    {%- for name, given in conditions.items() -%}
        {%- if name is not string or not name -%}
            {%- do user_segmentation._rule_error(
                place, argument, name, 'a dictionary from names that are not empty'
            ) -%}
        {%- endif -%}
        {%- set here = {
            'model': place.model, 'segment': place.segment,
            'rule': place.rule ~ ', ' ~ argument ~ ' ' ~ name,
        } -%}
        {%- if not user_segmentation._is_list(given) -%}
            {%- set condition = user_segmentation._check_condition('=', given, here) -%}
        {%- elif given and given[0] is string and given[0] in operators -%}
            {%- if given | length > 2 -%}
                {%- do user_segmentation._rule_error(
                    here, 'value', given,
                    "[operator, value]; write ['in', [...]] for a list that begins "
                    ~ "with the word '" ~ given[0] ~ "'"
                ) -%}
            {%- endif -%}
            {%- set condition = user_segmentation._check_condition(
                given[0], given[1] if given | length == 2 else none, here
            ) -%}
        {%- else -%}
            {%- set condition = user_segmentation._check_condition(
                'in', given, here
            ) -%}
        {%- endif -%}
        {%- do checked.update({name | string: condition}) -%}
    {%- endfor -%}
    {{ return(checked) }}
{%- endmacro %}

{#
    The operators and what value each takes: none, any (text, number or boolean),
    ordered (text or number), number pair, list, text, days (whole number from 1) or
    date.
#}
{% macro _operators() -%}
    {{ return({
        '=': 'any', '!=': 'any',
        '>': 'ordered', '>=': 'ordered', '<': 'ordered', '<=': 'ordered',
        'between': 'pair', 'not between': 'pair',
        'in': 'list', 'not in': 'list',
        'contains': 'text', 'not contains': 'text',
        'starts with': 'text', 'ends with': 'text',
        'matches': 'text', 'not matches': 'text',
        'is set': 'none', 'is not set': 'none',
        'within days': 'days', 'not within days': 'days',
        'in next days': 'days', 'anniversary in next days': 'days',
        'before': 'date', 'after': 'date', 'on': 'date',
    }) }}
{%- endmacro %}

{#
    A value of a rule as JSON can hold it: dates, which YAML makes of unquoted ones, as
    text.
#}
{% macro _plain_value(value) -%}
    {%- if value is undefined or value is none or value is string or value is number
        or value is boolean or value is mapping -%}
        {{ return(value) }}
    {%- elif value is not sequence -%}
        {{ return(value | string) }}
    {%- elif not value | reject('string') | reject('number') | reject('boolean') | list
    -%}
        {#- At once: a rule may list thousands of values. -#}
        {{ return(value | list) }}
    {%- endif -%}
    {%- set items = [] -%}
    {%- for item in value -%}
        {%- do items.append(user_segmentation._plain_value(item)) -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{# Checks one operator and its value; returns {operator, value}. #}
{% macro _check_condition(operator, value, place) -%}
    {%- set operators = user_segmentation._operators() -%}
    {%- if operator is not string or operator not in operators -%}
        {%- do user_segmentation._rule_error(
            place, 'operator', operator, 'one of ' ~ operators.keys() | join(', ')
        ) -%}
    {%- endif -%}
    {%- set takes = operators[operator] -%}
    {%- set value = user_segmentation._plain_value(value) -%}
    {%- set place = {'model': place.model, 'segment': place.segment,
        'rule': place.rule ~ " '" ~ operator ~ "'"} -%}
    {%- set is_scalar = value is string or value is number or value is boolean -%}
    {%- if takes == 'none' -%}
        {%- if value is not none -%}
            {%- do user_segmentation._rule_error(place, 'value', value, 'no value') -%}
        {%- endif -%}
    {%- elif takes == 'any' -%}
        {%- if not is_scalar -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value,
                "a text, a number, true or false; for a list use 'in'"
            ) -%}
        {%- endif -%}
    {%- elif takes == 'ordered' -%}
        {%- if not is_scalar or value is boolean -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value, 'a number or a text'
            ) -%}
        {%- endif -%}
    {%- elif takes == 'pair' -%}
        {%- if not user_segmentation._is_list(value) or value | length != 2
            or value | select('boolean') | list
            or (value[0] is string) != (value[1] is string)
            or not (value[0] is string or value[0] is number)
            or value[0] > value[1] -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value,
                'a list of two numbers or two texts, the smaller one first'
            ) -%}
        {%- endif -%}
    {%- elif takes == 'list' -%}
        {%- if not user_segmentation._is_list(value) or not value
            or value | reject('string') | reject('number') | reject('boolean')
                | list -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value,
                'a list, not empty, of texts, numbers, true or false'
            ) -%}
        {%- endif -%}
    {%- elif takes == 'text' -%}
        {%- if value is not string or not value -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value, 'a text that is not empty'
            ) -%}
        {%- endif -%}
    {%- elif takes == 'days' -%}
        {%- do user_segmentation._check_whole_number(value, 1, 'value', place) -%}
    {%- elif takes == 'date' -%}
        {%- if not user_segmentation._is_date(value) -%}
            {%- do user_segmentation._rule_error(
                place, 'value', value | string, 'a date, YYYY-MM-DD'
            ) -%}
        {%- endif -%}
        {%- set value = value | string -%}
    {%- endif -%}
    {{ return({'operator': operator, 'value': value}) }}
{%- endmacro %}

{% macro _check_whole_number(value, least, argument, place) -%}
    {%- if value is not integer or value is boolean or value < least -%}
        {%- do user_segmentation._rule_error(
            place, argument, value, 'a whole number from ' ~ least
        ) -%}
    {%- endif -%}
{%- endmacro %}
