{#
    Texts as SQL literals, a list for a list: data, whatever they hold. Quotes are
    doubled, nothing else is special on an engine that follows the standard. One call
    for many, because a rule may list thousands of values.

    Example: {{ text_literals(["O'Neil", "Ann"]) | join(', ') }} -> 'O''Neil', 'Ann'
#}
{% macro text_literals(values) -%}
    {{ return(adapter.dispatch('text_literals', 'user_segmentation')(values)) }}
{%- endmacro %}

{% macro default__text_literals(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append("'" ~ (value | string | replace("'", "''")) ~ "'") -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}
