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
