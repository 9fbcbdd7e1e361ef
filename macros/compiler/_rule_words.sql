{#
    A checked rule in plain English, on one line.

    Arguments: rule, from _check_rule.
#}
{% macro _rule_words(rule) -%}
    {%- if rule.rule == 'sql' -%}
        {{ return(user_segmentation._one_line(rule.predicate)) }}
    {%- elif rule.rule == 'everyone' -%}
        {{ return('everyone') }}
    {%- elif rule.rule == 'performed' -%}
        {%- set words = user_segmentation._performed_words(rule) -%}
        {{ return(user_segmentation._one_line(words)) }}
    {%- elif rule.rule == 'fact' -%}
        {{ return(user_segmentation._condition_words(
            rule.column | replace('_', ' '), rule)) }}
    {%- elif rule.rule == 'trait' -%}
        {{ return(user_segmentation._condition_words('trait ' ~ rule.name, rule)) }}
    {%- elif rule.rule == 'in_segment' -%}
        {%- set segments = rule.segment | join(' or ') -%}
        {%- set words = 'in ' ~ segments ~ ' of ' ~ rule.model[4:] -%}
        {{ return(user_segmentation._one_line(words)) }}
    {%- endif -%}
    {%- set words = [] -%}
    {%- for part in rule.rules -%}
        {%- set phrase = user_segmentation._rule_words(part) -%}
        {%- do words.append(
            '(' ~ phrase ~ ')'
            if part.rule in ('all_of', 'any_of') and part.rules | length > 1 else phrase
        ) -%}
    {%- endfor -%}
    {%- if rule.rule == 'none_of' -%}
        {{ return('not (' ~ words | join(' or ') ~ ')') }}
    {%- endif -%}
    {{ return(words | join(' and ' if rule.rule == 'all_of' else ' or ')) }}
{%- endmacro %}

{# One condition in words: `plan = basic`, `revenue between 10 and 20`. #}
{% macro _condition_words(name, condition) -%}
    {%- set value = condition.value -%}
    {%- if condition.operator in ('is set', 'is not set') -%}
        {%- set shown = '' -%}
    {%- elif condition.operator in ('between', 'not between') -%}
        {%- set shown = ' ' ~ value[0] ~ ' and ' ~ value[1] -%}
    {%- elif value is string and modules.re.fullmatch('[-+0-9.eE]*', value) -%}
        {#- Text, though it looks like a number. -#}
        {%- set shown = ' ' ~ tojson(value) -%}
    {%- elif not user_segmentation._is_list(value) -%}
        {%- set shown = ' ' ~ value -%}
    {%- else -%}
        {%- set shown = ' ' ~ value | join(', ') -%}
    {%- endif -%}
    {{ return(user_segmentation._one_line(name ~ ' ' ~ condition.operator ~ shown)) }}
{%- endmacro %}

{% macro _conditions_words(conditions) -%}
    {%- set words = [] -%}
    {%- for name, condition in conditions.items() -%}
        {%- do words.append(user_segmentation._condition_words(name, condition)) -%}
    {%- endfor -%}
    {{ return(words | join(' and ')) }}
{%- endmacro %}

{# A text on one line: in a comment of SQL a line end would let the rest out as code. #}
{% macro _one_line(text) -%}
    {%- set controls = '[\\x00-\\x1f\\x7f\\x85\\u2028\\u2029]+' -%}
    {{ return(modules.re.sub(controls, ' ', text | string)) }}
{%- endmacro %}
