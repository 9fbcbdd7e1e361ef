{#
    Rule: `none_of(performed(event, ...))`, for every argument: true also for users
    without any event. Returns a rule, a plain dictionary.

    Example: {{ not_performed('purchase', within_days=90) }}
#}
{% macro not_performed(
    event, at_least=none, at_most=none, exactly=none, within_days=none,
    until_days_ago=none, since=none, until=none, where=none, measure='count', of=none
) -%}
    {%- set performed_rule = user_segmentation.performed(
        event,
        at_least=at_least,
        at_most=at_most,
        exactly=exactly,
        within_days=within_days,
        until_days_ago=until_days_ago,
        since=since,
        until=until,
        where=where,
        measure=measure,
        of=of
    ) -%}
    {%- do performed_rule.update({
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs)
    }) -%}
    {{ return(user_segmentation.none_of(performed_rule)) }}
{%- endmacro %}
