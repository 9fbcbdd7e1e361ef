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

{#
    Spark reads a backslash as the beginning of an escape, and replaces ${name} by a
    setting or an environment variable, also within a literal.
#}
{% macro spark__text_literals(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(
            "'" ~ (
                value | string | replace("\\", "\\\\") | replace("'", "\\'")
                | replace("$", "\\u0024")
            ) ~ "'"
        ) -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}

{# A backslash begins an escape on these. #}
{% macro snowflake__text_literals(values) -%}
    {{ return(user_segmentation._escaped_literals(values)) }}
{%- endmacro %}

{% macro bigquery__text_literals(values) -%}
    {{ return(user_segmentation._escaped_literals(values)) }}
{%- endmacro %}

{% macro redshift__text_literals(values) -%}
    {{ return(user_segmentation._escaped_literals(values)) }}
{%- endmacro %}

{% macro _escaped_literals(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(
            "'" ~ (
                value | string | replace("\\", "\\\\") | replace("'", "\\'")
                | replace("\n", "\\n") | replace("\r", "\\r")
            ) ~ "'"
        ) -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}
