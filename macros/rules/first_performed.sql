{#
    Rule: the first event ever that matches `where` lies in the window. Returns a rule,
    a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ first_performed('purchase', within_days=30) }}
#}
{% macro first_performed(event, within_days=none, where=none) -%}
    {{ return({
        'rule': 'first_performed',
        'event': event,
        'within_days': within_days,
        'where': where,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_first_performed(rule, place) -%}
    {%- set checked = {'rule': 'first_performed'} -%}
    {%- do checked.update(user_segmentation._check_step(rule, place)) -%}
    {%- do user_segmentation._check_window(rule, place) -%}
    {%- if rule.within_days is not none -%}
        {%- do checked.update({'within_days': rule.within_days}) -%}
    {%- endif -%}
    {{ return(checked) }}
{%- endmacro %}

{# The test of a checked `first_performed` rule, see _rule_test. #}
{% macro _first_performed_test(rule, inputs) -%}
    {%- set is_daily = user_segmentation._is_daily(rule) -%}
    {%- set observed = user_segmentation._event_measure(inputs, {
        'name': 'first_days_ago',
        'sql': "max(" ~ user_segmentation._value_where(
            user_segmentation._step_filter(rule, {}, is_daily), 'days_ago'
        ) ~ ")",
        'words': 'days since the first '
            ~ user_segmentation._event_names_words(rule.event)
            ~ user_segmentation._window_words({'where': rule.where}),
        'is_daily': is_daily,
        'events': rule.event,
        'within_days': none,
    }) -%}
    {%- if not rule.within_days -%}
        {{ return({
            'predicate': observed ~ " is not null",
            'observed': observed,
            'required': 'any day',
        }) }}
    {%- endif -%}
    {{ return({
        'predicate': "coalesce(" ~ observed ~ " < " ~ rule.within_days ~ ", false)",
        'observed': observed,
        'required': '< ' ~ rule.within_days,
    }) }}
{%- endmacro %}

{% macro _first_performed_words(rule) -%}
    {%- if not rule.within_days -%}
        {{ return(user_segmentation._ever_words(rule)) }}
    {%- endif -%}
    {{ return(
        user_segmentation._step_words(rule) ~ ' for the first time '
        ~ user_segmentation._last_days_words(rule.within_days)
    ) }}
{%- endmacro %}
