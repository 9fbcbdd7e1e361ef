{#
    The element of a list at a position, null where the list is null.

    Arguments: list, SQL; position, a whole number from 1.
    Example: {{ list_element('revenue_quartiles', 2) }} as median_revenue
#}
{% macro list_element(list, position) -%}
    {%- if position is not integer or position is boolean or position < 1 -%}
        {%- do exceptions.raise_compiler_error(
            "list_element(position=): given " ~ position | tojson
            ~ "; allowed is a whole number from 1."
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('list_element', 'user_segmentation')(list, position)) }}
{%- endmacro %}

{% macro default__list_element(list, position) -%}
    {{ return("(" ~ list ~ ")[" ~ position ~ "]") }}
{%- endmacro %}

{% macro spark__list_element(list, position) -%}
    {{ return("try_element_at(" ~ list ~ ", " ~ position ~ ")") }}
{%- endmacro %}

{# The lists are those of quantiles; Snowflake forgets that they hold numbers. #}
{% macro snowflake__list_element(list, position) -%}
    {{ return("cast(get(" ~ list ~ ", " ~ (position - 1) ~ ") as double precision)") }}
{%- endmacro %}

{% macro bigquery__list_element(list, position) -%}
    {{ return(list ~ "[safe_ordinal(" ~ position ~ ")]") }}
{%- endmacro %}
