{#
    One step of `performed_in_order` or `performed_without`: events, and conditions that
    they meet. Returns a plain dictionary; it is no rule by itself.

    Example: {{ step('product_viewed', where={'category': 'shoes'}) }}
#}
{% macro step(event, where=none) -%}
    {{ return({
        'step': event,
        'event': event,
        'where': where,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{#
    Checks the events and conditions of a rule or step and returns them as a dictionary
    with `event`, a list, and `where` if there are conditions.

    Arguments: given, with `event` and `where`; place, see _rule_error.
#}
{% macro _check_step(given, place) -%}
    {%- set checked = {
        'event': user_segmentation._check_events(given.event, place),
    } -%}
    {%- set where = user_segmentation._check_conditions(given.where, 'where', place) -%}
    {%- if where -%}
        {%- do checked.update({'where': where}) -%}
    {%- endif -%}
    {{ return(checked) }}
{%- endmacro %}

{#
    As _check_step, for an argument that takes a `step`, or events alone.

    Arguments: given; argument, its name; place, see _rule_error; number, of several.
#}
{% macro _check_step_argument(given, argument, place, number=none) -%}
    {%- if given is mapping and 'step' in given -%}
        {%- set here = {
            'model': place.model, 'segment': place.segment,
            'rule': place.rule ~ ', ' ~ argument ~ ', step'
                ~ (' ' ~ number if number else ''),
        } -%}
        {%- do user_segmentation._check_unknown_arguments(
            given, here, ['event', 'where']
        ) -%}
        {{ return(user_segmentation._check_step(given, here)) }}
    {%- endif -%}
    {{ return({
        'event': user_segmentation._check_events(given, place, argument),
    }) }}
{%- endmacro %}

{# The events and conditions of a checked step or rule in words, and no window. #}
{% macro _step_words(step, as_participle=false) -%}
    {{ return(
        user_segmentation._events_words(step.event, as_participle)
        ~ user_segmentation._window_words({'where': step.where})
    ) }}
{%- endmacro %}

{# That there is such an event, in a window or ever. #}
{% macro _ever_words(step, within_days=none) -%}
    {{ return(
        user_segmentation._events_words(step.event) ~ ' at least once'
        ~ user_segmentation._window_words({
            'within_days': within_days, 'where': step.where,
        })
    ) }}
{%- endmacro %}
