{#
    Rule: some choice of the user's events matches the steps in order, each strictly
    after the one before (time, then event_id), all in the window, the local dates of
    consecutive ones at most `gap_days` apart. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ performed_in_order([step('product_viewed'), step('purchase')]) }}
#}
{% macro performed_in_order(steps, within_days=none, gap_days=none) -%}
    {{ return({
        'rule': 'performed_in_order',
        'steps': steps,
        'within_days': within_days,
        'gap_days': gap_days,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_performed_in_order(rule, place) -%}
    {%- if not user_segmentation._is_list(rule.steps) or not rule.steps -%}
        {%- do user_segmentation._rule_error(
            place, 'steps', rule.steps,
            "a list of step('event', where={...}), not empty"
        ) -%}
    {%- endif -%}
    {%- do user_segmentation._check_window(rule, place) -%}
    {%- set steps = [] -%}
    {%- for given in rule.steps -%}
        {%- do steps.append(
            user_segmentation._check_step_argument(given, 'steps', place, loop.index)
        ) -%}
    {%- endfor -%}
    {%- set checked = {'rule': 'performed_in_order', 'steps': steps} -%}
    {%- for name in ['within_days', 'gap_days'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name]}) -%}
    {%- endfor -%}
    {{ return(checked) }}
{%- endmacro %}

{#
    The test of a checked `performed_in_order` rule, see _rule_test.

    An event that matches a step and has one that matched the step before it, near
    enough, is as good as any other: so it is enough to know, at each event, the latest
    date of such a one before it. That finds every choice; a walk from the earliest
    event on would miss some.
#}
{% macro _performed_in_order_test(rule, inputs) -%}
    {%- set words = user_segmentation._performed_in_order_words(rule) -%}
    {%- set columns = [] -%}
    {%- set events = [] -%}
    {%- for step in rule.steps -%}
        {%- do events.extend(step.event) -%}
        {%- set conditions = [user_segmentation._step_filter(step, rule)] -%}
        {%- if columns -%}
            {%- set before = "max(" ~ columns[-1] ~ ") over ("
                ~ user_segmentation._events_of_user(rule.gap_days)
                ~ " rows between unbounded preceding and 1 preceding)" -%}
            {%- do conditions.append(
                user_segmentation._days_between(before, 'activity_date')
                    ~ " <= " ~ rule.gap_days
                if rule.gap_days else before ~ " is not null"
            ) -%}
        {%- endif -%}
        {%- do columns.append(user_segmentation._event_column(
            inputs,
            loop.index,
            'step_' ~ loop.index ~ '_date',
            "case when "
                ~ (conditions | reject('eq', 'true') | join(' and ') or 'true')
                ~ " then activity_date end",
            'step ' ~ loop.index ~ ' of: ' ~ words,
        )) -%}
    {%- endfor -%}
    {%- set reached = [] -%}
    {%- for column in columns | reverse -%}
        {%- do reached.append(
            "when " ~ column ~ " is not null then " ~ loop.revindex
        ) -%}
    {%- endfor -%}
    {%- set observed = user_segmentation._event_measure(inputs, {
        'name': 'steps',
        'sql': "max(case " ~ reached | join(' ') ~ " else 0 end)",
        'words': 'steps reached of: ' ~ words,
        'is_daily': false,
        'events': events | unique | list,
        'within_days': rule.within_days,
    }) -%}
    {{ return({
        'predicate': "coalesce(" ~ observed ~ ", 0) = " ~ columns | length,
        'observed': "coalesce(" ~ observed ~ ", 0)",
        'required': '= ' ~ columns | length,
    }) }}
{%- endmacro %}

{% macro _performed_in_order_words(rule) -%}
    {%- if rule.steps | length == 1 -%}
        {{ return(user_segmentation._ever_words(rule.steps[0], rule.within_days)) }}
    {%- endif -%}
    {%- set words = [] -%}
    {%- for step in rule.steps -%}
        {%- do words.append(
            user_segmentation._bracketed(user_segmentation._step_words(step))
        ) -%}
    {%- endfor -%}
    {%- set gap = '' if rule.gap_days is not defined
        else ', on the same day,' if rule.gap_days == 0
        else ', at most ' ~ user_segmentation._days_words(rule.gap_days) ~ ' later,' -%}
    {{ return(
        words | join(' and then' ~ gap ~ ' ')
        ~ (', all ' ~ user_segmentation._last_days_words(rule.within_days)
            if rule.within_days else '')
    ) }}
{%- endmacro %}
