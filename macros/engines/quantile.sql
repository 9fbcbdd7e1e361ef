{#
    Aggregate: the quantile of numbers by linear interpolation between the two values
    that it lies between; null is left out. The median is that of 0.5.

    Arguments: value, SQL of a number; fraction, 0 to 1.
    Example: {{ quantile('revenue', 0.5) }} as median_revenue
#}
{% macro quantile(value, fraction) -%}
    {%- if fraction is not number or fraction is boolean
        or fraction < 0 or fraction > 1 -%}
        {%- do exceptions.raise_compiler_error(
            "quantile(fraction=): given " ~ fraction | tojson
            ~ "; allowed is a number from 0 to 1."
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('quantile', 'user_segmentation')(value, fraction)) }}
{%- endmacro %}

{% macro default__quantile(value, fraction) -%}
    {{ return("percentile_cont(" ~ fraction ~ ") within group (order by " ~ value
        ~ ")") }}
{%- endmacro %}

{% macro duckdb__quantile(value, fraction) -%}
    {{ return("quantile_cont(" ~ value ~ ", " ~ fraction ~ ")") }}
{%- endmacro %}
