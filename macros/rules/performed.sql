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
    {%- set checked = {'rule': 'performed', 'measure': rule.measure} -%}
    {%- do checked.update(user_segmentation._check_step(rule, place)) -%}
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
    {%- for name in ['of', 'at_least', 'at_most', 'exactly', 'within_days',
        'until_days_ago'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name]}) -%}
    {%- endfor -%}
    {%- for name in ['since', 'until'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name] | string}) -%}
    {%- endfor -%}
    {{ return(checked) }}
{%- endmacro %}

{# The test of a checked `performed` rule, see _rule_test. #}
{% macro _performed_test(rule, inputs) -%}
    {%- set is_counted = rule.measure in ('count', 'days', 'distinct') -%}
    {%- set is_daily = user_segmentation._is_daily(rule) and (
        rule.measure in ('count', 'days')
        or (rule.measure == 'sum' and rule.of in ('revenue', 'quantity'))
    ) -%}
    {%- set measure = user_segmentation._event_measure(inputs, {
        'name': rule.measure,
        'sql': user_segmentation._measure_sql(rule, is_daily),
        'words': user_segmentation._measure_words(rule)
            ~ user_segmentation._window_words(rule),
        'is_daily': is_daily,
        'events': rule.event,
        'within_days': rule.within_days,
    }) -%}
    {%- set observed = "coalesce(" ~ measure ~ ", 0)" if is_counted
        else user_segmentation.rounded(measure, 6) -%}
    {%- set comparisons = [] -%}
    {%- set required = [] -%}
    {%- for name, operator in [('at_least', '>='), ('at_most', '<='), ('exactly', '=')]
        if name in rule -%}
        {%- do comparisons.append(observed ~ " " ~ operator ~ " " ~ rule[name]) -%}
        {%- do required.append(operator ~ ' ' ~ rule[name]) -%}
    {%- endfor -%}
    {%- set predicate = comparisons | join(' and ') or observed ~ " >= 1" -%}
    {%- if not is_counted -%}
        {%- set predicate = "coalesce(" ~ predicate ~ ", false)" -%}
    {%- elif comparisons | length > 1 -%}
        {%- set predicate = "(" ~ predicate ~ ")" -%}
    {%- endif -%}
    {{ return({
        'predicate': predicate,
        'observed': observed,
        'required': required | join(' and ') or '>= 1',
    }) }}
{%- endmacro %}

{# The aggregate that a checked `performed` rule compares with its bounds. #}
{% macro _measure_sql(rule, is_daily) -%}
    {%- set filter = user_segmentation._step_filter(rule, rule, is_daily) -%}
    {%- if rule.measure == 'count' -%}
        {{ return(user_segmentation._event_count_sql(filter, is_daily)) }}
    {%- elif rule.measure == 'days'
        and is_daily and user_segmentation._is_one_event(rule.event) -%}
        {{ return(user_segmentation._sum_sql(filter, 'day_count')) }}
    {%- elif rule.measure == 'days' -%}
        {{ return(
            "count(distinct "
            ~ user_segmentation._value_where(filter, 'activity_date') ~ ")"
        ) }}
    {%- elif rule.measure == 'distinct' -%}
        {{ return("count(distinct " ~ user_segmentation._value_where(
            filter,
            user_segmentation._value_as_text(user_segmentation._event_value(rule.of))
        ) ~ ")") }}
    {%- endif -%}
    {%- set value = rule.of if is_daily else user_segmentation._value_as_number(
        user_segmentation._event_value(rule.of)
    ) -%}
    {{ return(
        rule.measure ~ "(" ~ user_segmentation._value_where(filter, value) ~ ")"
    ) }}
{%- endmacro %}

{# The number of events that a filter lets through. #}
{% macro _event_count_sql(filter, is_daily) -%}
    {{ return(
        user_segmentation._sum_sql(filter, 'event_count') if is_daily
        else "count(" ~ user_segmentation._value_where(filter, '1') ~ ")"
    ) }}
{%- endmacro %}

{# A value of the rows that a filter lets through, null in others. #}
{% macro _value_where(filter, value) -%}
    {{ return(
        value if filter == 'true' else "case when " ~ filter ~ " then " ~ value ~ " end"
    ) }}
{%- endmacro %}

{# What a column of days adds up to where a filter lets it through. #}
{% macro _sum_sql(filter, column) -%}
    {{ return(
        "sum(" ~ column ~ ")" if filter == 'true'
        else "sum(case when " ~ filter ~ " then " ~ column ~ " else 0 end)"
    ) }}
{%- endmacro %}

{#
    The rule in words: `purchased at least 2 times in the last 60 days`, to stand behind
    "the user" or, as participle, "has not".
#}
{% macro _performed_words(rule, as_participle=false) -%}
    {%- set is_counted = rule.measure in ('count', 'days', 'distinct') -%}
    {%- if is_counted and 0 in (rule.exactly, rule.at_most) -%}
        {{ return(user_segmentation._never_words(rule)) }}
    {%- endif -%}
    {%- set bound = user_segmentation._bound_words(rule) -%}
    {%- set is_one = bound in ('at least 1', 'at most 1', 'exactly 1') -%}
    {%- set phrase = {
        'count': bound[:-1] ~ 'once' if is_one else bound ~ ' times',
        'days': 'on ' ~ bound ~ (' day' if is_one else ' different days'),
        'sum': 'with a total ' ~ rule.of ~ ' of ' ~ bound,
        'avg': 'with an average ' ~ rule.of ~ ' of ' ~ bound,
        'min': 'with a lowest ' ~ rule.of ~ ' of ' ~ bound,
        'max': 'with a highest ' ~ rule.of ~ ' of ' ~ bound,
        'distinct': 'with ' ~ bound
            ~ (' value of ' if is_one else ' different values of ') ~ rule.of,
    }[rule.measure] -%}
    {{ return(
        user_segmentation._events_words(rule.event, as_participle) ~ ' ' ~ phrase
        ~ user_segmentation._window_words(rule)
    ) }}
{%- endmacro %}

{# The bounds of a rule: `at least 2`, `2 to 5`. #}
{% macro _bound_words(rule) -%}
    {%- if 'exactly' in rule or (
        'at_least' in rule and rule.at_least == rule.at_most
    ) -%}
        {{ return('exactly ' ~ rule.get('exactly', rule.at_least)) }}
    {%- elif 'at_least' in rule and 'at_most' in rule -%}
        {{ return(rule.at_least ~ ' to ' ~ rule.at_most) }}
    {%- elif 'at_most' in rule -%}
        {{ return('at most ' ~ rule.at_most) }}
    {%- endif -%}
    {{ return('at least ' ~ rule.get('at_least', 1)) }}
{%- endmacro %}

{# What is measured, for the comment on its column: `count of purchase`. #}
{% macro _measure_words(rule) -%}
    {%- set words = {
        'count': 'count', 'days': 'days with', 'sum': 'sum of ' ~ rule.of,
        'avg': 'average ' ~ rule.of, 'min': 'smallest ' ~ rule.of,
        'max': 'largest ' ~ rule.of, 'distinct': 'number of different ' ~ rule.of,
    }[rule.measure] -%}
    {{ return(
        words ~ (' ' if rule.measure == 'days' else ' of ')
        ~ user_segmentation._event_names_words(rule.event)
    ) }}
{%- endmacro %}
