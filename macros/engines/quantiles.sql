{#
    Aggregate: quantiles of numbers by linear interpolation between the two values that
    each lies between, as a list in the order of the fractions; null is left out, and
    the list is null over no numbers. The median is that of 0.5. One list for all
    fractions: an aggregate for each would sort all the numbers again.

    Arguments: value, SQL of a number; fractions, a list of numbers from 0 to 1.
    Example: {{ quantiles('revenue', [0.25, 0.5, 0.75]) }} as revenue_quartiles
#}
{% macro quantiles(value, fractions) -%}
    {%- if not user_segmentation._is_list(fractions) or not fractions -%}
        {%- do exceptions.raise_compiler_error(
            "quantiles(fractions=): given " ~ fractions | tojson
            ~ "; allowed is a list of numbers from 0 to 1."
        ) -%}
    {%- endif -%}
    {%- for fraction in fractions
        if fraction is not number or fraction is boolean
        or fraction < 0 or fraction > 1 -%}
        {%- do exceptions.raise_compiler_error(
            "quantiles(fractions=): given was " ~ fraction | tojson
            ~ "; allowed is a number from 0 to 1."
        ) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('quantiles', 'user_segmentation')(value, fractions)) }}
{%- endmacro %}

{% macro default__quantiles(value, fractions) -%}
    {{ return("percentile_cont(array[" ~ fractions | join(', ')
        ~ "]) within group (order by " ~ value ~ ")") }}
{%- endmacro %}

{% macro duckdb__quantiles(value, fractions) -%}
    {{ return("quantile_cont(" ~ value ~ ", [" ~ fractions | join(', ') ~ "])") }}
{%- endmacro %}

{% macro spark__quantiles(value, fractions) -%}
    {{ return("percentile(" ~ value ~ ", array(" ~ fractions | join(', ') ~ "))") }}
{%- endmacro %}

{% macro snowflake__quantiles(value, fractions) -%}
    {{ return("array_construct("
        ~ user_segmentation._separate_quantiles(value, fractions) | join(', ') ~ ")") }}
{%- endmacro %}

{# One aggregate for each fraction, where there is none for many. #}
{% macro _separate_quantiles(value, fractions) -%}
    {%- set quantiles = [] -%}
    {%- for fraction in fractions -%}
        {%- do quantiles.append("percentile_cont(" ~ fraction
            ~ ") within group (order by " ~ value ~ ")") -%}
    {%- endfor -%}
    {{ return(quantiles) }}
{%- endmacro %}

{#
    percentile_cont is no aggregate there: the two values are taken from all, in order.
    A fraction is between the values at its floor and behind it.
#}
{% macro bigquery__quantiles(value, fractions) -%}
    {%- set values = "array_agg(" ~ value ~ " ignore nulls order by " ~ value ~ ")" -%}
    {%- set quantiles = [] -%}
    {%- for fraction in fractions -%}
        {%- set place = "(" ~ fraction ~ " * (count(" ~ value ~ ") - 1))" -%}
        {%- set lower = values
            ~ "[safe_offset(cast(floor(" ~ place ~ ") as int64))]" -%}
        {%- set upper = values
            ~ "[safe_offset(cast(ceil(" ~ place ~ ") as int64))]" -%}
        {%- do quantiles.append(
            "cast(" ~ lower ~ " + (" ~ upper ~ " - " ~ lower ~ ") * (" ~ place
            ~ " - floor(" ~ place ~ ")) as float64)"
        ) -%}
    {%- endfor -%}
    {{ return("[" ~ quantiles | join(', ') ~ "]") }}
{%- endmacro %}
