{#
    exp of a number, 0 where it is too small for a floating number: some engines stop
    with an error there.

    Arguments: value, SQL of a floating number of 64 bits.
    Example: {{ exponential('-z_score * z_score / 2') }}
#}
{% macro exponential(value) -%}
    {{ return(adapter.dispatch('exponential', 'user_segmentation')(value)) }}
{%- endmacro %}

{% macro default__exponential(value) -%}
    {{ return("exp(" ~ value ~ ")") }}
{%- endmacro %}

{#
    A product with a result that is too small is an error, too; so there is some room.
#}
{% macro postgres__exponential(value) -%}
    {{ return("case when " ~ value ~ " < -700 then 0 else exp(" ~ value ~ ") end") }}
{%- endmacro %}
