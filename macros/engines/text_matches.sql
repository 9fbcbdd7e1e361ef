{#
    Whether a text holds a match of a regular expression, anywhere in it.

    Example: {{ text_matches("email", "@example[.]com$") }}
#}
{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches', 'user_segmentation')(
        expression, pattern
    )) }}
{%- endmacro %}

{% macro default__text_matches(expression, pattern) -%}
    {%- set literal = user_segmentation.text_literal(pattern) -%}
    {{ return("regexp_like(" ~ expression ~ ", " ~ literal ~ ")") }}
{%- endmacro %}

{% macro duckdb__text_matches(expression, pattern) -%}
    {%- set literal = user_segmentation.text_literal(pattern) -%}
    {{ return("regexp_matches(" ~ expression ~ ", " ~ literal ~ ")") }}
{%- endmacro %}

{#
    A dot is any character but a line break and letters are those of ASCII, as on the
    other engines; so the dots outside of brackets are written out.
#}
{% macro postgres__text_matches(expression, pattern) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.findall(
        '(?s)\\\\.|\\[\\^?\\]?(?:\\\\.|\\[:\\w+:\\]|[^\\]])*\\]|.', pattern
    ) -%}
        {%- do parts.append('[^\n]' if part == '.' else part) -%}
    {%- endfor -%}
    {%- set literal = user_segmentation.text_literal(parts | join) -%}
    {{ return("cast(" ~ expression ~ ' as text) collate "C" ~ ' ~ literal) }}
{%- endmacro %}

{#
    Java takes the end of a line for the end of a text, and more characters for the end
    of a line than the other engines.
#}
{% macro spark__text_matches(expression, pattern) -%}
    {%- set parts = ['(?d)'] -%}
    {%- for part in modules.re.findall(
        '\\\\.|\\[\\^?\\]?(?:\\\\.|[^\\]\\\\])*\\]|[^\\\\]', pattern, modules.re.DOTALL
    ) -%}
        {%- do parts.append('\\z' if part == '$' else part) -%}
    {%- endfor -%}
    {%- set literal = user_segmentation.text_literal(parts | join) -%}
    {{ return(expression ~ " rlike " ~ literal) }}
{%- endmacro %}

{# regexp_like would have to match the whole text there. #}
{% macro snowflake__text_matches(expression, pattern) -%}
    {%- set literal = user_segmentation.text_literal(pattern) -%}
    {{ return("regexp_instr(" ~ expression ~ ", " ~ literal ~ ") > 0") }}
{%- endmacro %}

{% macro bigquery__text_matches(expression, pattern) -%}
    {%- set literal = user_segmentation.text_literal(pattern) -%}
    {{ return("regexp_contains(" ~ expression ~ ", " ~ literal ~ ")") }}
{%- endmacro %}
