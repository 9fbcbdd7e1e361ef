{#
    Ranks of users among all: what `top_percent` and `bottom_percent` share.

    Arguments: rule, place and inputs, as those of the macros of every rule.
#}

{# Checks a rank; only what has an order that means something can be ranked. #}
{% macro _check_rank(rule, place) -%}
    {%- set type = user_segmentation._check_fact_column(rule.column, place) -%}
    {%- set family = user_segmentation._type_family(
        {'column': rule.column, 'type': type}
    ) -%}
    {%- if execute and family not in ('number', 'date', 'timestamp') -%}
        {%- do user_segmentation._rule_error(
            place, 'column', rule.column,
            'a column of user_facts with numbers, dates or times; this one has '
            ~ ('true and false' if family == 'boolean' else 'text')
        ) -%}
    {%- endif -%}
    {%- do user_segmentation._check_percent(rule.percent, place, may_be_zero=false) -%}
    {{ return({'rule': rule.rule, 'column': rule.column, 'percent': rule.percent}) }}
{%- endmacro %}

{% macro _check_percent(percent, place, may_be_zero) -%}
    {%- if percent is not number or percent is boolean or percent > 100 or percent < 0
        or (percent == 0 and not may_be_zero) -%}
        {%- do user_segmentation._rule_error(
            place, 'percent', percent,
            'a number ' ~ ('from 0 to' if may_be_zero else 'above 0, up to') ~ ' 100'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    The test of a checked rank, see _rule_test. Whole numbers are compared, so that a
    share on the very limit is in.
#}
{% macro _rank_test(rule, inputs) -%}
    {%- set direction = 'desc' if rule.rule == 'top_percent' else 'asc' -%}
    {%- set value = user_segmentation._rank_value(rule.column) -%}
    {%- set key = rule.column ~ ' ' ~ direction -%}
    {%- if key not in inputs.ranks -%}
        {%- set word = 'higher' if direction == 'desc' else 'lower' -%}
        {%- set window = "over (partition by as_of_date" -%}
        {%- do inputs.ranks.update({key: {
            'same': rule.column ~ '_same_or_' ~ word ~ '_in_' ~ inputs.ranked,
            'all': rule.column ~ '_' ~ direction ~ '_in_' ~ inputs.ranked,
            'same_sql': "count(" ~ value ~ ") " ~ window ~ " order by " ~ value ~ " "
                ~ direction ~ " nulls last)",
            'all_sql': "count(" ~ value ~ ") " ~ window ~ ")",
            'words': 'users with the same or a ' ~ word ~ ' '
                ~ rule.column | replace('_', ' ') ~ ', and with any',
        }}) -%}
    {%- endif -%}
    {%- set rank = inputs.ranks[key] -%}
    {%- set percent = user_segmentation._number_words(rule.percent) -%}
    {{ return({
        'predicate': "coalesce(" ~ rule.column ~ " is not null and 100 * "
            ~ rank.same ~ " <= " ~ percent ~ " * " ~ rank.all ~ ", false)",
        'observed': "case when " ~ rule.column ~ " is not null then 100.0 * "
            ~ rank.same ~ " / " ~ rank.all ~ " end",
        'required': '<= ' ~ percent,
    }) }}
{%- endmacro %}

{# Times are compared as local dates, by ranks as by every operator. #}
{% macro _rank_value(column) -%}
    {%- set type = user_segmentation._column_types('user_facts').get(column, 'integer')
    -%}
    {%- set value = {'column': column, 'type': type} -%}
    {%- if user_segmentation._type_family(value) == 'timestamp' -%}
        {{ return(user_segmentation._value_as_date(value)) }}
    {%- endif -%}
    {{ return(column) }}
{%- endmacro %}

{% macro _rank_words(rule) -%}
    {{ return(
        'is among the ' ~ rule.rule.split('_')[0] ~ ' '
        ~ user_segmentation._number_words(rule.percent) ~ ' % by '
        ~ user_segmentation._column_words(rule.column)
    ) }}
{%- endmacro %}

{# A number as a decimal literal, without an exponent, which would make it a float. #}
{% macro _number_words(number) -%}
    {%- set text = number | string -%}
    {{ return(
        ('%.20f' | format(number)).rstrip('0') if 'e' in text | lower else text
    ) }}
{%- endmacro %}
