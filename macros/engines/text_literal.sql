{#
    A text as an SQL literal: data, whatever it holds. See text_literals for many.

    Example: {{ text_literal("O'Neil") }} -> 'O''Neil'
#}
{% macro text_literal(value) -%}
    {{ return(user_segmentation.text_literals([value])[0]) }}
{%- endmacro %}
