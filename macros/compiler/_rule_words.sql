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
        {{ return(user_segmentation._fact_words(rule)) }}
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

{# Parts that have an `and` or an `or` of their own stand in brackets. #}
{% macro _group_words(rule) -%}
    {%- if rule.rule == 'none_of' and rule.rules | length == 1
        and rule.rules[0].rule == 'performed' -%}
        {{ return(user_segmentation._not_performed_words(rule.rules[0])) }}
    {%- endif -%}
    {%- set words = [] -%}
    {%- for part in rule.rules -%}
        {%- set phrase = user_segmentation._rule_words(part) -%}
        {%- do words.append(
            user_segmentation._bracketed(phrase) if rule.rules | length > 1 else phrase
        ) -%}
    {%- endfor -%}
    {%- if rule.rule == 'none_of' -%}
        {{ return('not (' ~ words | join(' or ') ~ ')') }}
    {%- endif -%}
    {{ return(words | join(' and ' if rule.rule == 'all_of' else ' or ')) }}
{%- endmacro %}

{# A phrase, in brackets if it has an `and` or an `or` outside of brackets. #}
{% macro _bracketed(phrase) -%}
    {%- set rest = namespace(text=phrase) -%}
    {#- Once for each bracket within another. -#}
    {%- for _ in range(phrase.count('(')) -%}
        {%- set rest.text = modules.re.sub('[(][^()]*[)]', '', rest.text) -%}
    {%- endfor -%}
    {#- These belong to one value. -#}
    {%- set text = modules.re.sub(
        'between .*? and | or (more|later|earlier)', ' ', rest.text
    ) -%}
    {{ return(
        '(' ~ phrase ~ ')' if modules.re.search('(?i) (and|or) ', text) else phrase
    ) }}
{%- endmacro %}

{# `has not purchased in the last 90 days`. #}
{% macro _not_performed_words(rule) -%}
    {%- if 'at_most' in rule or 'exactly' in rule -%}
        {{ return('not (' ~ user_segmentation._rule_words(rule) ~ ')') }}
    {%- endif -%}
    {%- set words = user_segmentation._never_words(rule)
        if rule.at_least | default(1) == 1
            and rule.measure in ('count', 'days', 'distinct')
        else 'has not ' ~ user_segmentation._performed_words(rule, true) -%}
    {{ return(user_segmentation._one_line(words)) }}
{%- endmacro %}

{# A measure of 0: nothing of the kind was done. #}
{% macro _never_words(rule) -%}
    {{ return(
        'has not ' ~ user_segmentation._events_words(rule.event, true)
        ~ (' with any value of ' ~ rule.of if rule.measure == 'distinct' else '')
        ~ user_segmentation._window_words(rule)
    ) }}
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
            else unknown.append(
                'any ' ~ event[:-1] ~ '... event' if event.endswith('*') else event
            ) -%}
    {%- endfor -%}
    {%- if unknown -%}
        {%- do words.append('performed ' ~ unknown | join(' or ')) -%}
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
    {%- set limits = [] -%}
    {%- set days = rule.within_days -%}
    {%- set until = rule.until_days_ago -%}
    {%- if until and days and days - 1 == until -%}
        {%- do limits.append(
            'exactly ' ~ user_segmentation._days_words(until) ~ ' ago'
        ) -%}
    {%- elif until -%}
        {%- do limits.append(
            (days - 1) ~ ' to ' ~ user_segmentation._days_words(until) ~ ' ago' if days
            else until ~ ' or more days ago'
        ) -%}
    {%- elif days -%}
        {%- do limits.append(user_segmentation._last_days_words(days)) -%}
    {%- endif -%}
    {%- if rule.since and rule.until -%}
        {%- do limits.append('from ' ~ rule.since ~ ' to ' ~ rule.until) -%}
    {%- elif rule.since or rule.until -%}
        {%- do limits.append(
            'since ' ~ rule.since if rule.since else 'until ' ~ rule.until
        ) -%}
    {%- endif -%}
    {%- set words = ['', limits | join(' and ')] if limits else [''] -%}
    {%- if rule.where -%}
        {%- do words.append(
            '(where ' ~ user_segmentation._conditions_words(rule.where) ~ ')'
        ) -%}
    {%- endif -%}
    {{ return(words | join(' ')) }}
{%- endmacro %}

{# Days that end with the date of the snapshot. #}
{% macro _last_days_words(number) -%}
    {{ return(
        'on the day itself' if number == 1 else 'in the last ' ~ number ~ ' days'
    ) }}
{%- endmacro %}

{% macro _days_words(number) -%}
    {{ return(number ~ (' day' if number == 1 else ' days')) }}
{%- endmacro %}

{# A condition on a column of user_facts: `revenue in the last 30 days is known`. #}
{% macro _fact_words(rule) -%}
    {%- if rule.column.startswith('is_') and rule.value is boolean
        and (rule.operator == '=' or (rule.operator == '!=' and rule.value)) -%}
        {%- set is_so = rule.operator == '=' and rule.value -%}
        {{ return(
            ('is ' if is_so else 'is not ') ~ rule.column[3:] | replace('_', ' ')
        ) }}
    {%- endif -%}
    {{ return(user_segmentation._condition_words(
        user_segmentation._column_words(rule.column), rule
    )) }}
{%- endmacro %}

{# A column of user_facts by the conventions of their names. #}
{% macro _column_words(column) -%}
    {%- set words = modules.re.sub('_(\\d+)d$', ' in the last \\1 days', column) -%}
    {%- set words = modules.re.sub('_(days|years)$', ' in \\1', words) -%}
    {%- set words = modules.re.sub('^(.*)_at$', 'day \\1', words) -%}
    {{ return(words | replace('_', ' ')) }}
{%- endmacro %}

{# One condition in words: `plan is basic`, `revenue is between 10 and 20`. #}
{% macro _condition_words(name, condition) -%}
    {%- set value = condition.value -%}
    {%- set operator = condition.operator -%}
    {%- if user_segmentation._is_list(value) and value | length == 1 -%}
        {%- set value = value[0] -%}
        {%- set operator = '=' if operator == 'in' else '!=' -%}
    {%- endif -%}
    {%- set shown = user_segmentation._values_words(operator, value) -%}
    {%- set words = {
        '=': 'is ...', '!=': 'is not ...',
        '>': 'is more than ...', '>=': 'is at least ...',
        '<': 'is less than ...', '<=': 'is at most ...',
        'between': 'is between ...', 'not between': 'is not between ...',
        'in': 'is one of ...', 'not in': 'is none of ...',
        'contains': 'contains ...', 'not contains': 'does not contain ...',
        'starts with': 'starts with ...', 'ends with': 'ends with ...',
        'matches': 'matches ...', 'not matches': 'does not match ...',
        'is set': 'is known', 'is not set': 'is not known',
        'within days': 'is in the last ... days',
        'not within days': 'is not in the last ... days',
        'in next days': 'is in the next ... days',
        'anniversary in next days': 'has its anniversary in the next ... days',
        'before': 'is before ...', 'after': 'is after ...', 'on': 'is on ...',
    } -%}
    {%- if value is string -%}
        {%- do words.update({
            '>': 'is after ...', '>=': 'is ... or later',
            '<': 'is before ...', '<=': 'is ... or earlier',
        }) -%}
    {%- elif value is number and value == 1 -%}
        {%- do words.update({
            'within days': 'is on the day itself',
            'not within days': 'is not on the day itself',
            'in next days': 'is on the next day',
            'anniversary in next days': 'has its anniversary on the next day',
        }) -%}
    {%- endif -%}
    {%- set phrase = words[operator] | replace('...', shown) -%}
    {{ return(user_segmentation._one_line((name ~ ' ' ~ phrase).strip())) }}
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
    {%- for item in value[:10] -%}
        {%- do words.append(user_segmentation._value_words(item)) -%}
    {%- endfor -%}
    {%- if value | length > 10 -%}
        {%- do words.append((value | length - 10) ~ ' more') -%}
    {%- endif -%}
    {{ return(words | join(' and ' if 'between' in operator else ', ')) }}
{%- endmacro %}

{# A value in words; text that looks like a number, but no date, stands in quotes. #}
{% macro _value_words(value) -%}
    {%- if value is none -%}
        {{ return('') }}
    {%- elif value is boolean -%}
        {{ return(value | string | lower) }}
    {%- elif value is string and not user_segmentation._is_date(value)
        and modules.re.fullmatch('[-+0-9.eE]*', value) -%}
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
