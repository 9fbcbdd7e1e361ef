{#
    The number that a text holds, else null. A number is what JSON calls one (`42`,
    `-1.5`, `2e3`), nothing around it: a pattern decides before the cast, because
    engines disagree on `42d`, `1_000`, `0x1A` and `NaN`.

    Arguments: expression, SQL of type text; type, the SQL type of the result.
    Example: {{ read_number("revenue", "decimal(18,4)") }}
#}
{% macro read_number(expression, type=none) -%}
    {{ return(adapter.dispatch('read_number', 'user_segmentation')(
        expression, type or user_segmentation.type_double()
    )) }}
{%- endmacro %}

{% macro default__read_number(expression, type) -%}
    {%- set pattern = '^' ~ user_segmentation._number_pattern(type) ~ '$' -%}
    {{ return(
        "case when " ~ user_segmentation.text_matches(expression, pattern)
        ~ " then cast(" ~ expression ~ " as " ~ type ~ ") end"
    ) }}
{%- endmacro %}

{% macro duckdb__read_number(expression, type) -%}
    {%- set pattern = user_segmentation._number_pattern(type) -%}
    {%- set number = "try_cast(" ~ expression ~ " as " ~ type ~ ")" -%}
    {%- set condition = "regexp_full_match(" ~ expression ~ ", '" ~ pattern ~ "')" -%}
    {#- A number too large for the type is null; as a double it would be infinite. -#}
    {%- if type == 'double' -%}
        {%- set condition = condition ~ " and isfinite(" ~ number ~ ")" -%}
    {%- endif -%}
    {{ return("case when " ~ condition ~ " then " ~ number ~ " end") }}
{%- endmacro %}

{#
    A cast that fails stops the query, so the pattern lets through only what the type
    holds, but for decimals and integers, whose size is compared.
#}
{% macro postgres__read_number(expression, type) -%}
    {%- set text = "cast(" ~ expression ~ " as text)" -%}
    {%- set is_number = user_segmentation.text_matches(
        text, '^-?(' ~ user_segmentation._postgres_number_pattern(type) ~ ')$'
    ) -%}
    {%- if type == user_segmentation.type_double() -%}
        {{ return(
            "case when " ~ is_number ~ " then cast(" ~ text ~ " as " ~ type ~ ") end"
        ) }}
    {%- endif -%}
    {%- set number = "cast(" ~ text ~ " as numeric)" -%}
    {%- if type == 'integer' -%}
        {%- set is_held = number ~ " between -2147483648 and 2147483647" -%}
    {%- else -%}
        {%- set digits, scale = modules.re.findall('[0-9]+', type) | map('int') -%}
        {%- set is_held = "abs(round(" ~ number ~ ", " ~ scale ~ ")) < 1e"
            ~ (digits - scale) -%}
    {%- endif -%}
    {{ return(
        "case when case when " ~ is_number ~ " then " ~ is_held ~ " end then cast("
        ~ number ~ " as " ~ type ~ ") end"
    ) }}
{%- endmacro %}

{# Digits and exponents that a floating number of 64 bits can have together. #}
{% macro _postgres_number_pattern(type) -%}
    {{ return(
        '(0|[1-9][0-9]{0,199})([.]0{1,200})?' if type == 'integer'
        else '(0|[1-9][0-9]{0,199})([.][0-9]{1,200})?([eE][+-]?0*[0-9]{1,2})?'
            ~ '|[0-9]([.][0-9]{1,15})?[eE][+-]?0*([12][0-9]{2}|30[0-7])'
    ) }}
{%- endmacro %}

{# The pattern of a number; for integers of a whole one, as a cast would round 2.5. #}
{% macro _number_pattern(type) -%}
    {{ return(
        '-?(0|[1-9][0-9]*)([.]0+)?' if type == 'integer'
        else '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?'
    ) }}
{%- endmacro %}

{% macro spark__read_number(expression, type) -%}
    {%- set pattern = '^' ~ user_segmentation._number_pattern(type) ~ '$' -%}
    {%- set number = "try_cast(" ~ expression ~ " as " ~ type ~ ")" -%}
    {%- set condition = user_segmentation.text_matches(expression, pattern) -%}
    {%- if type == 'double' -%}
        {#- A number too large for the type is null and not infinite. -#}
        {%- set condition =
            condition ~ " and abs(" ~ number ~ ") < double('infinity')" -%}
    {%- elif type == 'integer' -%}
        {#- A text like 2.0 is no integer to Spark. -#}
        {%- set number = "try_cast(try_cast(" ~ expression ~ " as double) as int)" -%}
    {%- endif -%}
    {{ return("case when " ~ condition ~ " then " ~ number ~ " end") }}
{%- endmacro %}

{#
    A decimal rounds, 1e400 is no number, and 2.0 is a whole one: by way of a decimal.
#}
{% macro snowflake__read_number(expression, type) -%}
    {%- set pattern = '^' ~ user_segmentation._number_pattern(type) ~ '$' -%}
    {%- set condition = user_segmentation.text_matches(expression, pattern) -%}
    {%- set number = "try_cast(" ~ expression ~ " as " ~ type ~ ")" -%}
    {%- if type == user_segmentation.type_double() -%}
        {%- set condition = condition ~ " and abs(" ~ number
            ~ ") < cast('inf' as double precision)" -%}
    {%- endif -%}
    {{ return("case when " ~ condition ~ " then " ~ number ~ " end") }}
{%- endmacro %}

{% macro bigquery__read_number(expression, type) -%}
    {%- set pattern = '^' ~ user_segmentation._number_pattern(type) ~ '$' -%}
    {%- set condition = user_segmentation.text_matches(expression, pattern) -%}
    {%- set double = "safe_cast(" ~ expression ~ " as float64)" -%}
    {%- if type == user_segmentation.type_double() -%}
        {{ return("case when " ~ condition ~ " and not is_inf(" ~ double ~ ") then "
            ~ double ~ " end") }}
    {%- elif type == 'integer' -%}
        {#- Integers of the other engines have 32 bits. -#}
        {{ return("case when " ~ condition ~ " and abs(" ~ double
            ~ ") < 2147483648 then safe_cast(" ~ double ~ " as int64) end") }}
    {%- endif -%}
    {%- set digits, scale = modules.re.findall('[0-9]+', type) | map('int') -%}
    {%- set number = "round(safe_cast(" ~ expression ~ " as bignumeric), " ~ scale ~ ")"
    -%}
    {{ return("case when " ~ condition ~ " and abs(" ~ number ~ ") < 1e"
        ~ (digits - scale) ~ " then cast(" ~ number ~ " as numeric) end") }}
{%- endmacro %}
