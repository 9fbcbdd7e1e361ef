{#
    The SQL predicate of a checked rule: true or false for every user, never null.
    Aggregates over events, ranks, traits and other segmentations that it needs are
    asked for in `inputs`.

    Arguments: rule, from _check_rule; inputs, see _new_inputs.
#}
{% macro _rule_predicate(rule, inputs) -%}
    {%- if rule.rule not in ('all_of', 'any_of', 'none_of') -%}
        {{ return(user_segmentation._rule_test(rule, inputs).predicate) }}
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
    What a checked rule that is no group tests, as a dictionary:
      predicate  SQL, true or false, never null
      observed   SQL of the value that is tested, for people to read; none without one
      required   what the value must be, in words; none without one
#}
{% macro _rule_test(rule, inputs) -%}
    {%- if rule.rule == 'performed' -%}
        {{ return(user_segmentation._performed_test(rule, inputs)) }}
    {%- elif rule.rule == 'first_performed' -%}
        {{ return(user_segmentation._first_performed_test(rule, inputs)) }}
    {%- elif rule.rule == 'last_performed' -%}
        {{ return(user_segmentation._last_performed_test(rule, inputs)) }}
    {%- elif rule.rule == 'performed_in_order' -%}
        {{ return(user_segmentation._performed_in_order_test(rule, inputs)) }}
    {%- elif rule.rule == 'performed_without' -%}
        {{ return(user_segmentation._performed_without_test(rule, inputs)) }}
    {%- elif rule.rule == 'performed_regularly' -%}
        {{ return(user_segmentation._performed_regularly_test(rule, inputs)) }}
    {%- elif rule.rule == 'fact' -%}
        {{ return(user_segmentation._fact_test(rule, inputs)) }}
    {%- elif rule.rule == 'trait' -%}
        {{ return(user_segmentation._trait_test(rule, inputs)) }}
    {%- elif rule.rule == 'in_segment' -%}
        {{ return(user_segmentation._in_segment_test(rule, inputs)) }}
    {%- elif rule.rule in ('top_percent', 'bottom_percent') -%}
        {{ return(user_segmentation._rank_test(rule, inputs)) }}
    {%- elif rule.rule == 'random_split' -%}
        {{ return(user_segmentation._random_split_test(rule, inputs)) }}
    {%- endif -%}
    {{ return({
        'predicate': 'true' if rule.rule == 'everyone'
            else "coalesce((" ~ rule.predicate ~ "), false)",
        'observed': none,
        'required': none,
    }) }}
{%- endmacro %}

{#
    What the rules of one segmentation ask for, collected while their predicates are
    made:
      measures       aggregates over events, one per different question
      day_measures   lists of events whose days are asked for, by slug
      event_columns  columns added to single events, a dictionary per level
      ranks          numbers of users with the same or a higher (lower) value
      ranked         whom they are ranked among, for the names of columns
      traits         keys of traits that rules read
      referred       segments of other segmentations
#}
{% macro _new_inputs() -%}
    {{ return({
        'measures': {}, 'day_measures': {}, 'event_columns': [], 'ranks': {},
        'ranked': 'population', 'traits': [], 'referred': {},
    }) }}
{%- endmacro %}

{# The same inputs but for ranks of their own: those of a population, over everyone. #}
{% macro _ranked_among_everyone(inputs) -%}
    {%- set others = {} -%}
    {%- do others.update(inputs) -%}
    {%- do others.update({'ranks': {}, 'ranked': 'everyone'}) -%}
    {{ return(others) }}
{%- endmacro %}
