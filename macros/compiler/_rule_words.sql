{#
    A checked rule in plain English, on one line, for people who write no SQL. How an
    event is called there stands in the variable `event_words`.

    Arguments: rule, from _check_rule.
#}
{% macro _rule_words(rule) -%}
    {%- if rule.rule in ('all_of', 'any_of', 'none_of') -%}
        {{ return(user_segmentation._group_words(rule)) }}
    {%- endif -%}
    {{ return(user_segmentation._one_line(user_segmentation._leaf_words(rule))) }}
{%- endmacro %}

{% macro _leaf_words(rule) -%}
    {%- if rule.rule == 'performed' -%}
        {{ return(user_segmentation._performed_words(rule)) }}
    {%- elif rule.rule == 'first_performed' -%}
        {{ return(user_segmentation._first_performed_words(rule)) }}
    {%- elif rule.rule == 'last_performed' -%}
        {{ return(user_segmentation._last_performed_words(rule)) }}
    {%- elif rule.rule == 'performed_in_order' -%}
        {{ return(user_segmentation._performed_in_order_words(rule)) }}
    {%- elif rule.rule == 'performed_without' -%}
        {{ return(user_segmentation._performed_without_words(rule)) }}
    {%- elif rule.rule == 'performed_regularly' -%}
        {{ return(user_segmentation._performed_regularly_words(rule)) }}
    {%- elif rule.rule == 'fact' -%}
        {{ return(user_segmentation._condition_words(
            rule.column | replace('_', ' '), rule)) }}
    {%- elif rule.rule == 'trait' -%}
        {{ return(user_segmentation._condition_words('trait ' ~ rule.name, rule)) }}
    {%- elif rule.rule == 'in_segment' -%}
        {{ return('is ' ~ rule.segment | join(' or ') ~ ' in ' ~ rule.model[4:]) }}
    {%- elif rule.rule in ('top_percent', 'bottom_percent') -%}
        {{ return(user_segmentation._rank_words(rule)) }}
    {%- elif rule.rule == 'random_split' -%}
        {{ return(user_segmentation._random_split_words(rule)) }}
    {%- endif -%}
    {{ return('everyone' if rule.rule == 'everyone' else rule.predicate) }}
{%- endmacro %}

{# Parts that are groups themselves stand in brackets. #}
{% macro _group_words(rule) -%}
    {%- if rule.rule == 'none_of' and rule.rules | length == 1
        and rule.rules[0].rule == 'performed' -%}
        {{ return(user_segmentation._not_performed_words(rule.rules[0])) }}
    {%- endif -%}
    {%- set words = [] -%}
    {%- for part in rule.rules -%}
        {%- set phrase = user_segmentation._rule_words(part) -%}
        {%- do words.append(
            '(' ~ phrase ~ ')'
            if part.rule in ('all_of', 'any_of') and part.rules | length > 1 else phrase
        ) -%}
    {%- endfor -%}
    {%- if rule.rule == 'none_of' -%}
        {{ return('not (' ~ words | join(' or ') ~ ')') }}
    {%- endif -%}
    {{ return(words | join(' and ' if rule.rule == 'all_of' else ' or ')) }}
{%- endmacro %}

{# `has not purchased in the last 90 days`. #}
{% macro _not_performed_words(rule) -%}
    {%- if 'at_most' in rule or 'exactly' in rule -%}
        {{ return('not (' ~ user_segmentation._rule_words(rule) ~ ')') }}
    {%- endif -%}
    {%- if 'at_least' not in rule and rule.measure in ('count', 'days') -%}
        {%- set words = user_segmentation._events_words(rule.event, true)
            ~ user_segmentation._window_words(rule) -%}
    {%- else -%}
        {%- set words = user_segmentation._performed_words(rule) -%}
    {%- endif -%}
    {{ return(user_segmentation._one_line('has not ' ~ words)) }}
{%- endmacro %}

{#
    What somebody did, to stand behind "the user" or, as participle, "has not":
    `purchased or logged in`. Events that the variable `event_words` does not know are
    told by their names.
#}
{% macro _events_words(events, as_participle=false) -%}
    {%- if events == ['*'] -%}
        {{ return('done anything' if as_participle else 'did anything') }}
    {%- endif -%}
    {%- set known = var('event_words', {}) -%}
    {%- set words = [] -%}
    {%- set unknown = [] -%}
    {%- for event in events -%}
        {%- do words.append(known[event]) if event in known
            else unknown.append(event) -%}
    {%- endfor -%}
    {%- if unknown -%}
        {%- do words.append(
            'performed ' ~ user_segmentation._event_names_words(unknown)
        ) -%}
    {%- endif -%}
    {{ return(words | join(' or ')) }}
{%- endmacro %}

{# Events by their names: `purchase or email_...`. #}
{% macro _event_names_words(events) -%}
    {%- if events == ['*'] -%}
        {{ return('any event') }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for event in events -%}
        {%- do names.append(event[:-1] ~ '...' if event.endswith('*') else event) -%}
    {%- endfor -%}
    {{ return(names | join(' or ')) }}
{%- endmacro %}

{# The limits of a rule in time and by `where`, each with a blank before it. #}
{% macro _window_words(rule) -%}
    {%- set words = [''] -%}
    {%- if rule.within_days == 1 -%}
        {%- do words.append('on the day itself') -%}
    {%- elif rule.within_days -%}
        {%- do words.append('in the last ' ~ rule.within_days ~ ' days') -%}
    {%- endif -%}
    {%- if rule.until_days_ago -%}
        {%- do words.append(
            'up to ' ~ user_segmentation._days_words(rule.until_days_ago) ~ ' ago'
        ) -%}
    {%- endif -%}
    {%- if rule.since -%}
        {%- do words.append('since ' ~ rule.since) -%}
    {%- endif -%}
    {%- if rule.until -%}
        {%- do words.append('until ' ~ rule.until) -%}
    {%- endif -%}
    {%- if rule.where -%}
        {%- do words.append(
            'where ' ~ user_segmentation._conditions_words(rule.where)
        ) -%}
    {%- endif -%}
    {{ return(words | join(' ')) }}
{%- endmacro %}

{% macro _days_words(number) -%}
    {{ return(number ~ (' day' if number == 1 else ' days')) }}
{%- endmacro %}

{# One condition in words: `plan is basic`, `revenue is between 10 and 20`. #}
{% macro _condition_words(name, condition) -%}
    {%- set value = condition.value -%}
    {%- set operator = condition.operator -%}
    {%- set shown = user_segmentation._days_words(value) if operator.endswith('days')
        else user_segmentation._values_words(operator, value) -%}
    {%- set phrase = {
        '=': 'is', '!=': 'is not',
        '>': 'is more than', '>=': 'is at least',
        '<': 'is less than', '<=': 'is at most',
        'between': 'is between', 'not between': 'is not between',
        'in': 'is one of', 'not in': 'is none of',
        'contains': 'contains', 'not contains': 'does not contain',
        'starts with': 'starts with', 'ends with': 'ends with',
        'matches': 'matches', 'not matches': 'does not match',
        'is set': 'is known', 'is not set': 'is not known',
        'within days': 'is in the last', 'not within days': 'is not in the last',
        'in next days': 'is in the next',
        'anniversary in next days': 'has its anniversary in the next',
        'before': 'is before', 'after': 'is after', 'on': 'is on',
    }[operator] -%}
    {{ return(user_segmentation._one_line((name ~ ' ' ~ phrase ~ ' ' ~ shown).strip())) }}
{%- endmacro %}

{# What a condition asks for, short: `>= 100`, `in basic, premium`. #}
{% macro _required_words(condition) -%}
    {%- set words = [condition.operator] -%}
    {%- if condition.value is not none -%}
        {%- do words.append(
            user_segmentation._values_words(condition.operator, condition.value)
        ) -%}
    {%- endif -%}
    {{ return(user_segmentation._one_line(words | join(' '))) }}
{%- endmacro %}

{% macro _values_words(operator, value) -%}
    {%- if not user_segmentation._is_list(value) -%}
        {{ return(user_segmentation._value_words(value)) }}
    {%- endif -%}
    {%- set words = [] -%}
    {%- for item in value -%}
        {%- do words.append(user_segmentation._value_words(item)) -%}
    {%- endfor -%}
    {{ return(words | join(' and ' if 'between' in operator else ', ')) }}
{%- endmacro %}

{# A value in words; text that looks like a number stands in quotes. #}
{% macro _value_words(value) -%}
    {%- if value is none -%}
        {{ return('') }}
    {%- elif value is boolean -%}
        {{ return(value | string | lower) }}
    {%- elif value is string and modules.re.fullmatch('[-+0-9.eE]*', value) -%}
        {{ return(tojson(value)) }}
    {%- endif -%}
    {{ return(value | string) }}
{%- endmacro %}

{% macro _conditions_words(conditions) -%}
    {%- set words = [] -%}
    {%- for name, condition in conditions.items() -%}
        {%- do words.append(user_segmentation._condition_words(name, condition)) -%}
    {%- endfor -%}
    {{ return(words | join(' and ')) }}
{%- endmacro %}

{# A text on one line: in a comment of SQL a line end would let the rest out as code. #}
{% macro _one_line(text) -%}
    {%- set controls = '[\\x00-\\x1f\\x7f\\x85\\u2028\\u2029]+' -%}
    {{ return(modules.re.sub(controls, ' ', text | string)) }}
{%- endmacro %}
