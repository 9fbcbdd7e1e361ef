{#
    Rule: the measure over the user's matching events is in the bounds. No bound means
    `at_least=1`. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ performed('purchase', at_least=2, within_days=60) }}
#}
{% macro performed(
    event, at_least=none, at_most=none, exactly=none, within_days=none,
    until_days_ago=none, since=none, until=none, where=none, measure='count', of=none
) -%}
    {{ return({
        'rule': 'performed',
        'event': event,
        'at_least': at_least,
        'at_most': at_most,
        'exactly': exactly,
        'within_days': within_days,
        'until_days_ago': until_days_ago,
        'since': since,
        'until': until,
        'where': where,
        'measure': measure,
        'of': of,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _performed_arguments() -%}
    {{ return([
        'event', 'at_least', 'at_most', 'exactly', 'within_days', 'until_days_ago',
        'since', 'until', 'where', 'measure', 'of',
    ]) }}
{%- endmacro %}

{#
    Checks a `performed` rule and returns it without the arguments that were not given.
#}
{% macro _check_performed(rule, place) -%}
    {%- set events = user_segmentation._check_events(rule.event, place) -%}
    {%- set measures = ['count', 'days', 'sum', 'avg', 'min', 'max', 'distinct'] -%}
    {%- if rule.measure not in measures -%}
        {%- do user_segmentation._rule_error(
            place, 'measure', rule.measure, 'one of ' ~ measures | join(', ')
        ) -%}
    {%- endif -%}
    {%- if rule.measure in ('count', 'days') and rule.of is not none -%}
        {%- do user_segmentation._rule_error(
            place, 'of', rule.of, "no value with measure '" ~ rule.measure
            ~ "'; of goes with sum, avg, min, max and distinct"
        ) -%}
    {%- elif rule.measure not in ('count', 'days')
        and (rule.of is not string or not rule.of) -%}
        {%- do user_segmentation._rule_error(
            place, 'of', rule.of,
            "the name of an event column or property, which measure '" ~ rule.measure
            ~ "' needs"
        ) -%}
    {%- endif -%}
    {%- do user_segmentation._check_bounds(rule, place) -%}
    {%- do user_segmentation._check_window(rule, place) -%}
    {%- set where = user_segmentation._check_conditions(rule.where, 'where', place) -%}
    {%- set checked = {
        'rule': 'performed', 'event': events, 'measure': rule.measure,
    } -%}
    {%- for name in ['of', 'at_least', 'at_most', 'exactly', 'within_days',
        'until_days_ago'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name]}) -%}
    {%- endfor -%}
    {%- for name in ['since', 'until'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name] | string}) -%}
    {%- endfor -%}
    {%- if where -%}
        {%- do checked.update({'where': where}) -%}
    {%- endif -%}
    {{ return(checked) }}
{%- endmacro %}

{#
    The predicate of a checked `performed` rule. Asks `inputs` for the aggregate that it
    compares: equal ones of several rules are computed once.
#}
{% macro _performed_predicate(rule, inputs) -%}
    {%- set measure = user_segmentation._event_measure(rule, inputs) -%}
    {%- set bounds = user_segmentation._rule_bounds(rule) -%}
    {%- if rule.measure in ('count', 'days', 'distinct') -%}
        {%- set value = "coalesce(" ~ measure ~ ", 0)" -%}
    {%- else -%}
        {%- set value = "round(" ~ measure ~ ", 6)" -%}
    {%- endif -%}
    {%- set comparisons = [] -%}
    {%- for operator, bound in bounds -%}
        {%- do comparisons.append(value ~ " " ~ operator ~ " " ~ bound) -%}
    {%- endfor -%}
    {%- set predicate = comparisons | join(' and ') -%}
    {%- if rule.measure not in ('count', 'days', 'distinct') -%}
        {{ return("coalesce(" ~ predicate ~ ", false)") }}
    {%- endif -%}
    {{ return("(" ~ predicate ~ ")" if comparisons | length > 1 else predicate) }}
{%- endmacro %}

{#
    The bounds of a checked rule as pairs of SQL operator and number; the default is 1.
#}
{% macro _rule_bounds(rule) -%}
    {%- set bounds = [] -%}
    {%- for name, operator in [('at_least', '>='), ('at_most', '<='), ('exactly', '=')]
        if name in rule -%}
        {%- do bounds.append([operator, rule[name]]) -%}
    {%- endfor -%}
    {{ return(bounds or [['>=', 1]]) }}
{%- endmacro %}

{# The rule in words: `purchase at least 2 times in the last 60 days`. #}
{% macro _performed_words(rule) -%}
    {%- set bounds = [] -%}
    {%- for name, phrase in [
        ('at_least', 'at least'), ('at_most', 'at most'), ('exactly', 'exactly'),
    ] if name in rule -%}
        {%- do bounds.append(phrase ~ ' ' ~ rule[name]) -%}
    {%- endfor -%}
    {%- set bound = bounds | join(' and ') or 'at least 1' -%}
    {%- if rule.measure == 'count' -%}
        {%- set words = user_segmentation._events_words(rule.event) ~ ' ' ~ bound
            ~ (' time' if bound.endswith(' 1') else ' times') -%}
    {%- else -%}
        {%- set words = user_segmentation._measure_words(rule) ~ ' ' ~ bound -%}
    {%- endif -%}
    {{ return(words ~ user_segmentation._window_words(rule)) }}
{%- endmacro %}

{# What a rule measures, in words: `count of purchase in the last 60 days`. #}
{% macro _question_words(rule) -%}
    {{ return(
        user_segmentation._measure_words(rule) ~ user_segmentation._window_words(rule)
    ) }}
{%- endmacro %}

{% macro _events_words(events) -%}
    {{ return('any event' if events == ['*'] else events | join(' or ')) }}
{%- endmacro %}

{% macro _measure_words(rule) -%}
    {%- set words = {
        'count': 'count', 'days': 'days with', 'sum': 'sum of ' ~ rule.of,
        'avg': 'average ' ~ rule.of, 'min': 'smallest ' ~ rule.of,
        'max': 'largest ' ~ rule.of, 'distinct': 'number of different ' ~ rule.of,
    }[rule.measure] -%}
    {{ return(
        words ~ (' ' if rule.measure == 'days' else ' of ')
        ~ user_segmentation._events_words(rule.event)
    ) }}
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
        {%- do words.append('up to ' ~ rule.until_days_ago ~ ' days ago') -%}
    {%- endif -%}
    {%- if rule.since -%}
        {%- do words.append('since ' ~ rule.since) -%}
    {%- endif -%}
    {%- if rule.until -%}
        {%- do words.append('until ' ~ rule.until) -%}
    {%- endif -%}
    {%- if rule.where -%}
        {%- set conditions = user_segmentation._conditions_words(rule.where) -%}
        {%- do words.append('where ' ~ conditions) -%}
    {%- endif -%}
    {{ return(words | join(' ')) }}
{%- endmacro %}
