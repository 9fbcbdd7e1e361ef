{#
    The predicate of a stored value against one of a rule: true or false, never null.
    The value in the rule decides how the stored one is read; what can't be read so is
    missing, so that it fails a comparison and passes its negative, the exact
    complement.

    Arguments: value, {column, type} or {json, name}; operator and given, checked.
    Example: _comparison({'json': 'properties', 'name': 'brand'}, '=', 'Acme')
#}
{% macro _comparison(value, operator, given) -%}
    {%- set positives = {
        '!=': '=',
        'not between': 'between',
        'not in': 'in',
        'not contains': 'contains',
        'not matches': 'matches',
        'not within days': 'within days',
        'is not set': 'is set',
    } -%}
    {%- if operator in positives -%}
        {{ return(
            "not " ~ user_segmentation._comparison(value, positives[operator], given)
        ) }}
    {%- endif -%}
    {{ return(
        "coalesce(" ~ user_segmentation._positive_comparison(value, operator, given)
        ~ ", false)"
    ) }}
{%- endmacro %}

{#
    As _comparison, for operators that are not negatives; null where a value is missing.
#}
{% macro _positive_comparison(value, operator, given) -%}
    {%- if operator in ('=', '>', '>=', '<', '<=') -%}
        {%- set stored, literals = user_segmentation._comparable(value, [given]) -%}
        {{ return(stored ~ " " ~ operator ~ " " ~ literals[0]) }}
    {%- elif operator == 'between' -%}
        {%- set stored, literals = user_segmentation._comparable(value, given) -%}
        {{ return(stored ~ " between " ~ literals | join(' and ')) }}
    {%- elif operator == 'in' -%}
        {{ return(user_segmentation._in_list(value, given)) }}
    {%- elif operator == 'is set' -%}
        {{ return(user_segmentation._is_set(value)) }}
    {%- elif operator in ('contains', 'starts with', 'ends with') -%}
        {%- set sides = {
            'contains': 'anywhere', 'starts with': 'start', 'ends with': 'end',
        } -%}
        {%- set part = user_segmentation.text_literal(given) -%}
        {%- set in_text = user_segmentation.text_contains(
            user_segmentation._value_as_text(value), part, sides[operator]
        ) -%}
        {%- if operator == 'contains' and 'json' in value -%}
            {{ return(
                "coalesce(" ~ user_segmentation.json_list_contains(
                    value.json, value.name, part
                ) ~ ", " ~ in_text ~ ")"
            ) }}
        {%- endif -%}
        {{ return(in_text) }}
    {%- elif operator == 'matches' -%}
        {{ return(user_segmentation.text_matches(
            user_segmentation._value_as_text(value), given
        )) }}
    {%- endif -%}
    {{ return(user_segmentation._date_comparison(value, operator, given)) }}
{%- endmacro %}

{# The operators that read the stored value as a local date. #}
{% macro _date_comparison(value, operator, given) -%}
    {%- set day = user_segmentation._value_as_date(value) -%}
    {%- if operator in ('before', 'after', 'on') -%}
        {%- set symbols = {'before': '<', 'after': '>', 'on': '='} -%}
        {{ return(day ~ " " ~ symbols[operator] ~ " cast('" ~ given ~ "' as date)") }}
    {%- elif operator == 'within days' -%}
        {{ return(
            user_segmentation._days_between(day, 'as_of_date') ~ " between 0 and "
            ~ (given - 1)
        ) }}
    {%- elif operator == 'in next days' -%}
        {{ return(
            user_segmentation._days_between('as_of_date', day) ~ " between 1 and "
            ~ given
        ) }}
    {%- endif -%}
    {#- The anniversary of this year or of the next; adding years turns 29 into 28
        February where there is none. -#}
    {%- set anniversaries = [] -%}
    {%- for further_years in ['', ' + 1'] -%}
        {%- set anniversary = dbt.dateadd(
            'year',
            "extract(year from as_of_date) - extract(year from " ~ day ~ ")"
            ~ further_years,
            day
        ) -%}
        {%- do anniversaries.append(
            user_segmentation._days_between('as_of_date', anniversary)
            ~ " between 1 and " ~ given
        ) -%}
    {%- endfor -%}
    {{ return("(" ~ anniversaries | join(' or ') ~ ")") }}
{%- endmacro %}

{#
    A pair: the stored value read as the type of those in the rule, and these as
    literals. Date and timestamp columns are compared as local dates, whatever the rule
    has.

    Arguments: value, see _comparison; items, a list of values of one type.
#}
{% macro _comparable(value, items) -%}
    {%- if user_segmentation._type_family(value) in ('date', 'timestamp') -%}
        {%- set dates = [] -%}
        {%- for literal in user_segmentation.text_literals(items) -%}
            {%- do dates.append(user_segmentation.read_date(literal)) -%}
        {%- endfor -%}
        {{ return((user_segmentation._value_as_date(value), dates)) }}
    {%- elif items[0] is boolean -%}
        {{ return((
            user_segmentation._value_as_boolean(value),
            items | map('string') | map('lower') | list,
        )) }}
    {%- elif items[0] is number -%}
        {{ return((
            user_segmentation._value_as_number(value), items | map('string') | list
        )) }}
    {%- endif -%}
    {{ return((
        user_segmentation._value_as_text(value), user_segmentation.text_literals(items)
    )) }}
{%- endmacro %}

{# `in` is any `=`: one list per type of value. #}
{% macro _in_list(value, given) -%}
    {%- set texts = given | select('string') | list -%}
    {%- set booleans = given | select('boolean') | list -%}
    {%- set numbers = given | select('number') | reject('boolean') | list -%}
    {%- set predicates = [] -%}
    {%- for items in [texts, booleans, numbers] if items -%}
        {%- set stored, literals = user_segmentation._comparable(value, items) -%}
        {%- do predicates.append(
            "coalesce(" ~ stored ~ " in (" ~ literals | join(', ') ~ "), false)"
        ) -%}
    {%- endfor -%}
    {%- set joined = predicates | join(' or ') -%}
    {{ return("(" ~ joined ~ ")" if predicates | length > 1 else joined) }}
{%- endmacro %}

{% macro _is_set(value) -%}
    {%- if 'json' in value -%}
        {%- set list_is_set = user_segmentation.json_list_is_set(
            value.json, value.name
        ) -%}
        {%- set scalar = user_segmentation.json_scalar(value.json, value.name) -%}
        {{ return("coalesce(" ~ list_is_set ~ ", " ~ scalar ~ " <> '')") }}
    {%- elif user_segmentation._type_family(value) == 'text' -%}
        {{ return(value.column ~ " <> ''") }}
    {%- endif -%}
    {{ return(value.column ~ " is not null") }}
{%- endmacro %}

{#
    text, number, boolean, date or timestamp; what is in JSON is text until it is read.
#}
{% macro _type_family(value) -%}
    {%- if 'json' in value -%}
        {{ return('text') }}
    {%- endif -%}
    {%- set type = value.type | lower -%}
    {%- set number_types =
        '(number|numeric|decimal|float|double|real|[a-z]*int(eger)?)[0-9]*\\b' -%}
    {%- if type.startswith('timestamp') or type.startswith('datetime') -%}
        {{ return('timestamp') }}
    {%- elif type == 'date' -%}
        {{ return('date') }}
    {%- elif type.startswith('bool') -%}
        {{ return('boolean') }}
    {%- elif modules.re.match(number_types, type) -%}
        {{ return('number') }}
    {%- endif -%}
    {{ return('text') }}
{%- endmacro %}

{# A stored value for people to read, whatever it is. #}
{% macro _shown_value(value) -%}
    {%- if 'json' in value -%}
        {{ return(user_segmentation.json_text(value.json, value.name)) }}
    {%- endif -%}
    {{ return(user_segmentation._value_as_text(value)) }}
{%- endmacro %}

{% macro _value_as_text(value) -%}
    {%- if 'json' in value -%}
        {{ return(user_segmentation.json_scalar(value.json, value.name)) }}
    {%- elif user_segmentation._type_family(value) == 'text' -%}
        {{ return(value.column) }}
    {%- elif user_segmentation._type_family(value) == 'timestamp' -%}
        {%- set day = user_segmentation._value_as_date(value) -%}
        {{ return("cast(" ~ day ~ " as " ~ dbt.type_string() ~ ")") }}
    {%- endif -%}
    {{ return("cast(" ~ value.column ~ " as " ~ dbt.type_string() ~ ")") }}
{%- endmacro %}

{% macro _value_as_number(value) -%}
    {%- set family = user_segmentation._type_family(value) -%}
    {%- if family == 'number' -%}
        {{ return(value.column) }}
    {%- elif family == 'text' -%}
        {%- set text = user_segmentation._value_as_text(value) -%}
        {{ return(user_segmentation.read_number(text)) }}
    {%- endif -%}
    {{ return("cast(null as " ~ user_segmentation.type_double() ~ ")") }}
{%- endmacro %}

{% macro _value_as_boolean(value) -%}
    {%- set family = user_segmentation._type_family(value) -%}
    {%- if family == 'boolean' -%}
        {{ return(value.column) }}
    {%- elif family == 'text' -%}
        {%- set text = user_segmentation._value_as_text(value) -%}
        {{ return(user_segmentation.read_boolean(text)) }}
    {%- endif -%}
    {{ return("cast(null as " ~ dbt.type_boolean() ~ ")") }}
{%- endmacro %}

{# Plain dates are never shifted; times are days in the variable time_zone. #}
{% macro _value_as_date(value) -%}
    {%- set family = user_segmentation._type_family(value) -%}
    {%- if family == 'date' -%}
        {{ return(value.column) }}
    {%- elif family == 'timestamp' -%}
        {{ return(user_segmentation.local_date(value.column)) }}
    {%- elif family == 'text' -%}
        {%- set text = user_segmentation._value_as_text(value) -%}
        {%- set day = user_segmentation.read_date(text) -%}
        {%- set instant = user_segmentation.read_timestamp(text) -%}
        {{ return(
            "case when length(" ~ text ~ ") = 10 then " ~ day
            ~ " else " ~ user_segmentation.local_date(instant) ~ " end"
        ) }}
    {%- endif -%}
    {{ return("cast(null as date)") }}
{%- endmacro %}
