{#
    A number rounded to some decimals, halves away from zero, as a floating number of 64
    bits. Engines round such numbers to the even neighbour, by way of their decimal
    text, or not at all; this is the arithmetic of DuckDB's own function.

    Arguments: number, SQL; decimals, a whole number from 0.
    Example: {{ rounded('avg(revenue)', 6) }}
#}
{% macro rounded(number, decimals) -%}
    {{ return(adapter.dispatch('rounded', 'user_segmentation')(number, decimals)) }}
{%- endmacro %}

{% macro default__rounded(number, decimals) -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set number = "cast(" ~ number ~ " as " ~ double ~ ")" -%}
    {%- set shift = "cast(1e" ~ decimals ~ " as " ~ double ~ ")" -%}
    {{ return(
        "(sign(" ~ number ~ ") * floor(abs(" ~ number ~ ") * " ~ shift
        ~ " + 0.5) / " ~ shift ~ ")"
    ) }}
{%- endmacro %}

{% macro duckdb__rounded(number, decimals) -%}
    {{ return("round(" ~ number ~ ", " ~ decimals ~ ")") }}
{%- endmacro %}
