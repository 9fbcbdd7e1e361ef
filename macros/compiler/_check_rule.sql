{#
    Checks a rule tree and returns it normalised: plain dictionaries with the arguments
    that were given, fit to be stored and hashed. Stops with an error at the first
    fault.

    A new kind of rule adds one branch here, in _rule_test and in _rule_words.
    Handlers are named one by one and never looked up by name: dbt sees only such calls
    when it decides what a change of a macro modifies.

    Arguments: rule, what a rule macro returned, or a text, an SQL predicate over
    user_facts; place, see _rule_error.
#}
{% macro _check_rule(rule, place) -%}
    {%- if rule is string and rule.strip() -%}
        {{ return({'rule': 'sql', 'predicate': rule.strip()}) }}
    {%- endif -%}
    {%- set kinds = {
        'performed': user_segmentation._performed_arguments(),
        'first_performed': ['event', 'within_days', 'where'],
        'last_performed': ['event', 'having', 'where'],
        'performed_in_order': ['steps', 'within_days', 'gap_days'],
        'performed_without': ['first', 'then', 'gap_days', 'within_days'],
        'performed_regularly': [
            'event', 'at_least', 'period_days', 'periods', 'of_last', 'where',
        ],
        'fact': ['column', 'operator', 'value'],
        'trait': ['name', 'operator', 'value'],
        'in_segment': ['model', 'segment'],
        'top_percent': ['column', 'percent'],
        'bottom_percent': ['column', 'percent'],
        'random_split': ['percent', 'salt'],
        'all_of': [],
        'any_of': [],
        'none_of': [],
        'everyone': [],
    } -%}
    {%- if rule is undefined or rule is not mapping or rule.rule not in kinds -%}
        {%- do exceptions.raise_compiler_error(
            user_segmentation._place_words(place)
            ~ (", in " ~ place.rule if place.rule) ~ ": this is no rule: "
            ~ user_segmentation._shown(rule)
            ~ ". A rule is a call of one of " ~ kinds.keys() | join(', ')
            ~ ", not_performed, or an SQL predicate as text. "
            ~ ("Write the rules of a group one after the other, not as a list."
                if user_segmentation._is_list(rule)
                else "A step belongs into performed_in_order or performed_without."
                if rule is mapping and 'step' in rule
                else "Is a macro's name misspelt?")
        ) -%}
    {%- endif -%}
    {%- set here = {
        'model': place.model, 'segment': place.segment, 'rule': rule.rule,
    } -%}
    {%- do user_segmentation._check_unknown_arguments(rule, here, kinds[rule.rule]) -%}
    {%- if rule.rule == 'performed' -%}
        {{ return(user_segmentation._check_performed(rule, here)) }}
    {%- elif rule.rule == 'first_performed' -%}
        {{ return(user_segmentation._check_first_performed(rule, here)) }}
    {%- elif rule.rule == 'last_performed' -%}
        {{ return(user_segmentation._check_last_performed(rule, here)) }}
    {%- elif rule.rule == 'performed_in_order' -%}
        {{ return(user_segmentation._check_performed_in_order(rule, here)) }}
    {%- elif rule.rule == 'performed_without' -%}
        {{ return(user_segmentation._check_performed_without(rule, here)) }}
    {%- elif rule.rule == 'performed_regularly' -%}
        {{ return(user_segmentation._check_performed_regularly(rule, here)) }}
    {%- elif rule.rule == 'fact' -%}
        {{ return(user_segmentation._check_fact(rule, here)) }}
    {%- elif rule.rule == 'trait' -%}
        {{ return(user_segmentation._check_trait(rule, here)) }}
    {%- elif rule.rule == 'in_segment' -%}
        {{ return(user_segmentation._check_in_segment(rule, here)) }}
    {%- elif rule.rule in ('top_percent', 'bottom_percent') -%}
        {{ return(user_segmentation._check_rank(rule, here)) }}
    {%- elif rule.rule == 'random_split' -%}
        {{ return(user_segmentation._check_random_split(rule, here)) }}
    {%- elif rule.rule == 'everyone' -%}
        {{ return({'rule': 'everyone'}) }}
    {%- endif -%}
    {#- What is left are the groups. -#}
    {%- if not rule.rules -%}
        {%- do user_segmentation._rule_error(here, 'rules', [], 'one rule or more') -%}
    {%- endif -%}
    {%- set checked = [] -%}
    {%- for part in rule.rules -%}
        {%- do checked.append(user_segmentation._check_rule(part, here)) -%}
    {%- endfor -%}
    {{ return({'rule': rule.rule, 'rules': checked}) }}
{%- endmacro %}
