{#
    Rule: at least `at_least` events in at least `periods` of the last `of_last` periods
    of `period_days` days, the last of which ends on D. Returns a rule, a plain
    dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ performed_regularly('login', period_days=7, periods=3, of_last=4) }}
#}
{% macro performed_regularly(
    event, at_least=1, period_days=none, periods=none, of_last=none, where=none
) -%}
    {{ return({
        'rule': 'performed_regularly',
        'event': event,
        'at_least': at_least,
        'period_days': period_days,
        'periods': periods,
        'of_last': of_last,
        'where': where,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_performed_regularly(rule, place) -%}
    {%- set step = user_segmentation._check_step(rule, place) -%}
    {%- do user_segmentation._check_whole_number(
        rule.at_least, 0, 'at_least', place
    ) -%}
    {%- for name in ['period_days', 'of_last'] -%}
        {%- do user_segmentation._check_whole_number(rule[name], 1, name, place) -%}
    {%- endfor -%}
    {%- set periods = rule.of_last if rule.periods is none else rule.periods -%}
    {%- do user_segmentation._check_whole_number(periods, 1, 'periods', place) -%}
    {%- if periods > rule.of_last -%}
        {%- do user_segmentation._rule_error(
            place, 'periods', periods, 'at most of_last, ' ~ rule.of_last
        ) -%}
    {%- endif -%}
    {%- set checked = {
        'rule': 'performed_regularly',
        'at_least': rule.at_least,
        'period_days': rule.period_days,
        'periods': periods,
        'of_last': rule.of_last,
    } -%}
    {%- do checked.update(step) -%}
    {{ return(checked) }}
{%- endmacro %}

{# The test of a checked `performed_regularly` rule, see _rule_test. #}
{% macro _performed_regularly_test(rule, inputs) -%}
    {%- set is_daily = user_segmentation._is_daily(rule) -%}
    {%- set days = rule.period_days * rule.of_last -%}
    {%- if rule.at_least <= 1 -%}
        {%- set filter = user_segmentation._step_filter(
            rule, {'within_days': days}, is_daily
        ) -%}
        {%- set sql = "count(distinct case when " ~ filter ~ " then floor(days_ago / "
            ~ rule.period_days ~ ".0) end)" -%}
    {%- else -%}
        {%- set periods = [] -%}
        {%- for number in range(rule.of_last) -%}
            {%- set filter = user_segmentation._step_filter(rule, {
                'within_days': rule.period_days * (number + 1),
                'until_days_ago': rule.period_days * number,
            }, is_daily) -%}
            {%- do periods.append(
                "case when " ~ user_segmentation._event_count_sql(filter, is_daily)
                ~ " >= " ~ rule.at_least ~ " then 1 else 0 end"
            ) -%}
        {%- endfor -%}
        {%- set sql = periods | join('\n        + ') -%}
    {%- endif -%}
    {%- set measure = user_segmentation._event_measure(inputs, {
        'name': 'periods',
        'sql': sql,
        'words': 'periods of ' ~ user_segmentation._days_words(rule.period_days)
            ~ ', of the last ' ~ rule.of_last ~ ', with at least ' ~ rule.at_least
            ~ ' of ' ~ user_segmentation._event_names_words(rule.event)
            ~ user_segmentation._window_words({'where': rule.where}),
        'is_daily': is_daily,
        'events': rule.event,
        'within_days': days,
    }) -%}
    {%- set observed = "coalesce(" ~ measure ~ ", 0)" -%}
    {#- Every period has at least 0 events. -#}
    {{ return({
        'predicate': observed ~ " >= " ~ rule.periods if rule.at_least else 'true',
        'observed': observed,
        'required': '>= ' ~ rule.periods,
    }) }}
{%- endmacro %}

{% macro _performed_regularly_words(rule) -%}
    {%- if rule.of_last == 1 -%}
        {%- set periods = user_segmentation._last_days_words(rule.period_days) -%}
    {%- else -%}
        {%- set periods = ('on ' if rule.period_days == 1 else 'in ')
            ~ ('each' if rule.periods == rule.of_last else 'at least ' ~ rule.periods)
            ~ ' of the last ' ~ rule.of_last
            ~ (' days' if rule.period_days == 1
                else ' periods of ' ~ rule.period_days ~ ' days') -%}
    {%- endif -%}
    {{ return(
        user_segmentation._events_words(rule.event) ~ ' at least '
        ~ ('once' if rule.at_least == 1 else rule.at_least ~ ' times') ~ ' ' ~ periods
        ~ user_segmentation._window_words({'where': rule.where})
    ) }}
{%- endmacro %}
