{#
    A text as an SQL literal: data, whatever it holds. Quotes are doubled, nothing else
    is special on an engine that follows the standard.

    Example: {{ text_literal("O'Neil") }} -> 'O''Neil'
#}
{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'user_segmentation')(value)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    {{ return("'" ~ (value | string | replace("'", "''")) ~ "'") }}
{%- endmacro %}
