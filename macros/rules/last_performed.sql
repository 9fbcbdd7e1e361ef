{#
    Rule: the last event ever that matches `where` also matches `having`. The last is
    that of the latest time and, at the same time, of the larger event_id. Returns a
    rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ last_performed('purchase', having={'platform': 'ios'}) }}
#}
{% macro last_performed(event, having=none, where=none) -%}
    {{ return({
        'rule': 'last_performed',
        'event': event,
        'having': having,
        'where': where,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_last_performed(rule, place) -%}
    {%- set checked = {'rule': 'last_performed'} -%}
    {%- do checked.update(user_segmentation._check_step(rule, place)) -%}
    {%- set having = user_segmentation._check_conditions(
        rule.having, 'having', place
    ) -%}
    {%- if having -%}
        {%- do checked.update({'having': having}) -%}
    {%- endif -%}
    {{ return(checked) }}
{%- endmacro %}

{# The test of a checked `last_performed` rule, see _rule_test. #}
{% macro _last_performed_test(rule, inputs) -%}
    {%- set having = user_segmentation._condition_filters(rule.having) | join(' and ')
        or 'true' -%}
    {%- set matches = "case when " ~ user_segmentation._step_filter(rule)
        ~ " then case when " ~ having ~ " then 1 else 0 end end" -%}
    {%- set observed = user_segmentation._event_measure(inputs, {
        'name': 'last_matches',
        'sql': user_segmentation.latest(
            matches, ['occurred_at', 'event_id'], 'integer'
        ),
        'words': 'whether the last '
            ~ user_segmentation._event_names_words(rule.event)
            ~ user_segmentation._window_words({'where': rule.where})
            ~ (' has ' ~ user_segmentation._conditions_words(rule.having)
                if rule.having else ' is there'),
        'is_daily': false,
        'events': rule.event,
        'within_days': none,
    }) -%}
    {{ return({
        'predicate': "coalesce(" ~ observed ~ ", 0) = 1",
        'observed': "case " ~ observed
            ~ " when 1 then 'matches' when 0 then 'does not match' end",
        'required': 'matches',
    }) }}
{%- endmacro %}

{% macro _last_performed_words(rule) -%}
    {%- if not rule.having -%}
        {{ return(user_segmentation._ever_words(rule)) }}
    {%- endif -%}
    {{ return(
        user_segmentation._step_words(rule) ~ ', and in the last such event '
        ~ user_segmentation._conditions_words(rule.having)
    ) }}
{%- endmacro %}
