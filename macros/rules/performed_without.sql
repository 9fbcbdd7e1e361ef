{#
    Rule: some `first` event in the window has no `then` event strictly after it (time,
    then event_id) and at most `gap_days` local dates later, ever when not given. An
    event still within its gap counts as without. Returns a rule, a plain dictionary.

    Every argument is described in _macros.yml and checked by `segmentation`.
    Example: {{ performed_without('product_added_to_cart', 'purchase', gap_days=3) }}
#}
{% macro performed_without(first, then, gap_days=none, within_days=none) -%}
    {{ return({
        'rule': 'performed_without',
        'first': first,
        'then': then,
        'gap_days': gap_days,
        'within_days': within_days,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_performed_without(rule, place) -%}
    {%- do user_segmentation._check_window(rule, place) -%}
    {%- set checked = {
        'rule': 'performed_without',
        'first': user_segmentation._check_step_argument(rule.first, 'first', place),
        'then': user_segmentation._check_step_argument(rule.then, 'then', place),
    } -%}
    {%- for name in ['within_days', 'gap_days'] if rule[name] is not none -%}
        {%- do checked.update({name: rule[name]}) -%}
    {%- endfor -%}
    {{ return(checked) }}
{%- endmacro %}

{# The test of a checked `performed_without` rule, see _rule_test. #}
{% macro _performed_without_test(rule, inputs) -%}
    {%- set words = user_segmentation._performed_without_words(rule) -%}
    {%- set next_date = user_segmentation._event_column(
        inputs,
        1,
        'next_date',
        "min(case when " ~ user_segmentation._step_filter(rule.then)
            ~ " then activity_date end) over ("
            ~ user_segmentation._events_of_user(rule.gap_days)
            ~ " rows between 1 following and unbounded following)",
        'next ' ~ user_segmentation._event_names_words(rule.then.event)
            ~ user_segmentation._window_words(rule.then),
    ) -%}
    {%- set is_without = next_date ~ " is null" -%}
    {%- if rule.gap_days -%}
        {%- set is_without = "(" ~ is_without ~ " or "
            ~ user_segmentation._days_between('activity_date', next_date) ~ " > "
            ~ rule.gap_days
            ~ ")" -%}
    {%- endif -%}
    {%- set conditions = [user_segmentation._step_filter(rule.first, rule)]
        | reject('eq', 'true') | list + [is_without] -%}
    {%- set observed = user_segmentation._event_measure(inputs, {
        'name': 'without',
        'sql': "count(case when " ~ conditions | join(' and ') ~ " then 1 end)",
        'words': 'count of: ' ~ words,
        'is_daily': false,
        'events': (rule.first.event + rule.then.event) | unique | list,
        'within_days': user_segmentation._days_back_of_without(rule),
    }) -%}
    {{ return({
        'predicate': "coalesce(" ~ observed ~ ", 0) >= 1",
        'observed': "coalesce(" ~ observed ~ ", 0)",
        'required': '>= 1',
    }) }}
{%- endmacro %}

{#
    The days that hold every `first` and `then`: one more than the window, because where
    clocks go back over midnight a later event may have the earlier local date.
#}
{% macro _days_back_of_without(rule) -%}
    {{ return(rule.within_days + 1 if rule.within_days else none) }}
{%- endmacro %}

{% macro _performed_without_words(rule) -%}
    {%- set gap = ' since then' if rule.gap_days is not defined
        else ' later on that day' if rule.gap_days == 0
        else ' within ' ~ user_segmentation._days_words(rule.gap_days) ~ ' after it' -%}
    {%- set first = user_segmentation._events_words(rule.first.event)
        ~ user_segmentation._window_words({
            'within_days': rule.within_days, 'where': rule.first.where,
        }) -%}
    {#- With a gap an earlier time will do, whatever came after the last one. -#}
    {{ return(
        ('at least once ' if rule.gap_days is defined else '')
        ~ user_segmentation._bracketed(first)
        ~ ' and has not ' ~ user_segmentation._step_words(rule.then, true) ~ gap
    ) }}
{%- endmacro %}
