{#
    The engine's type for floating numbers of 64 bits. dbt's own type_float has 32 bits
    on some engines, where the third decimal of a share of a million users would be
    lost.

    Example: cast(user_count as {{ type_double() }})
#}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'user_segmentation')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    {{ return('double precision') }}
{%- endmacro %}

{% macro duckdb__type_double() -%}
    {{ return('double') }}
{%- endmacro %}

{% macro spark__type_double() -%}
    {{ return('double') }}
{%- endmacro %}

{% macro bigquery__type_double() -%}
    {{ return('float64') }}
{%- endmacro %}
