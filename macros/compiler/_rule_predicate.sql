{#
    The SQL predicate of a checked rule: true or false for every user, never null.
    Aggregates over events, traits and other segmentations that it needs are asked for
    in `inputs`.

    Arguments: rule, from _check_rule; inputs, see _new_inputs.
#}
{% macro _rule_predicate(rule, inputs) -%}
    {%- if rule.rule == 'sql' -%}
        {{ return("coalesce((" ~ rule.predicate ~ "), false)") }}
    {%- elif rule.rule == 'everyone' -%}
        {{ return("true") }}
    {%- elif rule.rule == 'performed' -%}
        {{ return(user_segmentation._performed_predicate(rule, inputs)) }}
    {%- elif rule.rule == 'fact' -%}
        {{ return(user_segmentation._fact_predicate(rule, inputs)) }}
    {%- elif rule.rule == 'trait' -%}
        {{ return(user_segmentation._trait_predicate(rule, inputs)) }}
    {%- elif rule.rule == 'in_segment' -%}
        {{ return(user_segmentation._in_segment_predicate(rule, inputs)) }}
    {%- endif -%}
    {%- set predicates = [] -%}
    {%- for part in rule.rules -%}
        {%- do predicates.append(user_segmentation._rule_predicate(part, inputs)) -%}
    {%- endfor -%}
    {%- set joined = predicates | join(' and ' if rule.rule == 'all_of' else ' or ') -%}
    {%- if rule.rule == 'none_of' -%}
        {{ return("not (" ~ joined ~ ")") }}
    {%- endif -%}
    {{ return("(" ~ joined ~ ")" if predicates | length > 1 else joined) }}
{%- endmacro %}

{#
    What the rules of one segmentation ask for, collected while their predicates are
    made:
      measures   aggregates over events, one per different question
      traits     keys of traits that rules read
      referred   segments of other segmentations
#}
{% macro _new_inputs() -%}
    {{ return({'measures': {}, 'traits': [], 'referred': {}}) }}
{%- endmacro %}
