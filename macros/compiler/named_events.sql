{#
    The events that the rules of the segmentations name that are switched on: a list of
    dictionaries with `segmentation`, `segment` (none in a population) and `event`, as
    written (`*` alone is every event and left out).

    Example: {% for row in named_events() %} {{ row.event }} {% endfor %}
#}
{% macro named_events() -%}
    {%- set found = [] -%}
    {%- for name in var('segmentations', []) -%}
        {%- set definition =
            user_segmentation._segmentation_definition('seg_' ~ name) -%}
        {%- set rules = [] -%}
        {%- if definition -%}
            {%- do rules.append([none, definition.population]) -%}
            {%- for item in definition.segments -%}
                {%- do rules.append([item.name, item.rule]) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- for segment, rule in rules -%}
            {%- for event in user_segmentation._rule_events(rule) -%}
                {%- do found.append(
                    {'segmentation': name, 'segment': segment, 'event': event}
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The events that a checked rule names, each once. #}
{% macro _rule_events(rule) -%}
    {%- set events = [] -%}
    {%- if rule.rule == 'performed' -%}
        {%- do events.extend(rule.event | reject('eq', '*')) -%}
    {%- endif -%}
    {%- for part in rule.rules or [] -%}
        {%- do events.extend(user_segmentation._rule_events(part)) -%}
    {%- endfor -%}
    {{ return(events | unique | list) }}
{%- endmacro %}
