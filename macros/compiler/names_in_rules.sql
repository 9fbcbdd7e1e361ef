{#
    The events, event properties and traits that the rules name of the segmentations
    that are switched on: a list of dictionaries with `segmentation`, `segment` (none in
    a population), `kind` ('event', 'property' or 'trait') and `name`, as written (`*`
    alone is every event and left out).

    Example: {% for row in names_in_rules() %} {{ row.name }} {% endfor %}
#}
{% macro names_in_rules() -%}
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
            {%- for kind, given in user_segmentation._rule_names(rule) -%}
                {%- do found.append({
                    'segmentation': name, 'segment': segment, 'kind': kind,
                    'name': given,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Pairs of kind and name of what a checked rule names, each once. #}
{% macro _rule_names(rule) -%}
    {%- set names = [] -%}
    {%- set steps = (rule.steps or [])
        + ([rule.first, rule.then] if rule.rule == 'performed_without' else [])
        + ([rule] if rule.event else []) -%}
    {%- for step in steps -%}
        {%- for event in step.event if event != '*' -%}
            {%- do names.append(('event', event)) -%}
        {%- endfor -%}
        {%- for name in (step.where or {}).keys() | list
            + (step.having or {}).keys() | list + ([step.of] if step.of else []) -%}
            {%- set value = user_segmentation._event_value(name) -%}
            {%- if 'json' in value -%}
                {%- do names.append(('property', value.name)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if rule.rule == 'trait' -%}
        {%- do names.append(('trait', rule.name)) -%}
    {%- endif -%}
    {%- for part in rule.rules or [] -%}
        {%- do names.extend(user_segmentation._rule_names(part)) -%}
    {%- endfor -%}
    {{ return(names | unique | list) }}
{%- endmacro %}
