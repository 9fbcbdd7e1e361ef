{#
    Rule: the user has that segment in that segmentation model on the same date. Returns
    a rule, a plain dictionary.

    Arguments: model, the name of a model that is listed in the variable
    `segmentations`, with its prefix seg_; segment, a name or a list of names.
    Example: {{ in_segment('seg_lifecycle', 'loyal_shopper') }}
#}
{% macro in_segment(model, segment) -%}
    {{ return({
        'rule': 'in_segment',
        'model': model,
        'segment': segment,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) }}
{%- endmacro %}

{% macro _check_in_segment(rule, place) -%}
    {%- set names = [rule.segment] if rule.segment is string else rule.segment -%}
    {%- set listed = var('segmentations', []) -%}
    {%- if rule.model is not string or not rule.model.startswith('seg_') -%}
        {%- do user_segmentation._rule_error(
            place, 'model', rule.model,
            "the name of a segmentation model with its prefix, like 'seg_rfm'"
        ) -%}
    {%- elif rule.model == place.model -%}
        {%- do user_segmentation._rule_error(
            place, 'model', rule.model, 'another segmentation: a cycle has no answer'
        ) -%}
    {#- While dbt parses it also reads what is switched off: that may refer to others
        that are, since it is not built. -#}
    {%- elif rule.model[4:] not in listed
        and (execute or place.model[4:] in listed) -%}
        {%- do user_segmentation._rule_error(
            place, 'model', rule.model,
            "a segmentation of the variable segmentations in dbt_project.yml, which "
            ~ "has: " ~ listed | join(', ') ~ ". Add '" ~ rule.model[4:]
            ~ "' to it, or take the rule out"
        ) -%}
    {%- endif -%}
    {%- if not user_segmentation._is_list(names) or not names
        or names | reject('string') | list -%}
        {%- do user_segmentation._rule_error(
            place, 'segment', rule.segment, 'the name of a segment or a list of names'
        ) -%}
    {%- endif -%}
    {%- if execute -%}
        {%- set definition = user_segmentation._segmentation_definition(rule.model) -%}
        {%- for name in names if definition and name not in definition.names -%}
            {%- do user_segmentation._rule_error(
                place, 'segment', name,
                'a segment of ' ~ rule.model ~ ': ' ~ definition.names | join(', ')
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'rule': 'in_segment', 'model': rule.model, 'segment': names | list}) }}
{%- endmacro %}

{# The test of a checked `in_segment`, see _rule_test. #}
{% macro _in_segment_test(rule, inputs) -%}
    {%- set key = rule | tojson -%}
    {%- if key not in inputs.referred -%}
        {%- do inputs.referred.update({key: {
            'model': rule.model,
            'segments': rule.segment,
            'alias': 'is_in_' ~ rule.model[4:] ~ '_' ~ (inputs.referred | length + 1),
        }}) -%}
    {%- endif -%}
    {%- set alias = inputs.referred[key].alias -%}
    {{ return({
        'predicate': "coalesce(" ~ alias ~ ", 0) = 1",
        'observed': "coalesce(" ~ rule.model[4:] ~ "_names, '(none)')",
        'required': rule.segment | join(' or '),
    }) }}
{%- endmacro %}
