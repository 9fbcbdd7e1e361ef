{#
    Checks of the arguments that rules on events share. Each stops with an error at the
    first fault.

    Arguments: rule, as a rule macro returned it; place, see _rule_error.
#}

{# Checks events: a name, a name with a trailing *, or a list; returns the list. #}
{% macro _check_events(event, place, argument='event') -%}
    {%- set events = [event] if event is string else event -%}
    {%- if not user_segmentation._is_list(events) or not events
        or events | reject('string') | list or '' in events -%}
        {%- do user_segmentation._rule_error(
            place, argument, event,
            "an event's name, a beginning with * at its end, or a list of these"
            ~ (", or a step(...)" if argument != 'event' else '')
        ) -%}
    {%- endif -%}
    {{ return(['*'] if '*' in events else events | unique | list) }}
{%- endmacro %}

{# Checks `at_least`, `at_most` and `exactly` of a rule against its measure. #}
{% macro _check_bounds(rule, place) -%}
    {%- set counted = rule.measure in ('count', 'days', 'distinct') -%}
    {%- for name in ['at_least', 'at_most', 'exactly'] if rule[name] is not none -%}
        {%- if counted -%}
            {%- do user_segmentation._check_whole_number(rule[name], 0, name, place) -%}
        {%- elif rule[name] is not number or rule[name] is boolean -%}
            {%- do user_segmentation._rule_error(
                place, name, rule[name], 'a number'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule.exactly is not none
        and (rule.at_least is not none or rule.at_most is not none) -%}
        {%- do user_segmentation._rule_error(
            place, 'exactly', rule.exactly, 'alone, without at_least and at_most'
        ) -%}
    {%- elif rule.at_least is not none and rule.at_most is not none
        and rule.at_least > rule.at_most -%}
        {%- do user_segmentation._rule_error(
            place, 'at_least', rule.at_least, 'at most at_most, ' ~ rule.at_most
        ) -%}
    {%- elif not counted and rule.exactly is none and rule.at_least is none
        and rule.at_most is none -%}
        {%- do user_segmentation._rule_error(
            place, 'measure', rule.measure,
            'with a bound: at_least, at_most or exactly'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    Checks those of `within_days`, `until_days_ago`, `gap_days`, `since` and `until`
    that a rule has.
#}
{% macro _check_window(rule, place) -%}
    {%- set within_days = rule.get('within_days') -%}
    {%- set until_days_ago = rule.get('until_days_ago') -%}
    {%- set since = rule.get('since') -%}
    {%- set until = rule.get('until') -%}
    {%- for name, least in [
        ('within_days', 1), ('until_days_ago', 0), ('gap_days', 0),
    ] if rule.get(name) is not none -%}
        {%- do user_segmentation._check_whole_number(rule[name], least, name, place) -%}
    {%- endfor -%}
    {%- for name in ['since', 'until'] if rule.get(name) is not none -%}
        {%- if not user_segmentation._is_date(rule[name]) -%}
            {%- do user_segmentation._rule_error(
                place, name, rule[name] | string, 'a date, YYYY-MM-DD'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if within_days is not none and until_days_ago is not none
        and until_days_ago >= within_days -%}
        {%- do user_segmentation._rule_error(
            place, 'until_days_ago', until_days_ago,
            'below within_days, ' ~ within_days ~ ', or the window is always empty'
        ) -%}
    {%- elif since is not none and until is not none
        and since | string > until | string -%}
        {%- do user_segmentation._rule_error(
            place, 'since', since | string,
            'a date up to until, ' ~ until ~ ', or the window is always empty'
        ) -%}
    {%- endif -%}
{%- endmacro %}
