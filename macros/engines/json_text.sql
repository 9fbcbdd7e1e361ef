{#
    What stands under a name of a JSON object, as JSON text: also a list or an object.
    Null where there is nothing. For people to read; json_scalar is for comparisons.

    Arguments: expression, a readable JSON object as text or null; name, text.
    Example: {{ json_text("traits", "interests") }}
#}
{% macro json_text(expression, name) -%}
    {{ return(adapter.dispatch('json_text', 'user_segmentation')(expression, name)) }}
{%- endmacro %}

{% macro duckdb__json_text(expression, name) -%}
    {%- set pointer = user_segmentation._json_pointer(expression, name) -%}
    {{ return("cast(json_extract(" ~ expression ~ ", " ~ pointer ~ ") as varchar)") }}
{%- endmacro %}

{% macro postgres__json_text(expression, name) -%}
    {%- set place = user_segmentation._postgres_json_place(expression, name) -%}
    {{ return(user_segmentation._postgres_json_text(place, "'null'")) }}
{%- endmacro %}

{#
    JSON as text without blanks between its parts. In a list what was escaped is written
    out; of an object the keys stay in their order.

    Arguments: place, SQL of type json; missing, SQL of what JSON null becomes.
#}
{% macro _postgres_json_text(place, missing='null') -%}
    {%- set blanks = "'(\"(?:[^\"\\\\]|\\\\.)*\")|\\s+', '\\1', 'g'" -%}
    {{ return(
        "case json_typeof(" ~ place ~ ") when 'null' then " ~ missing
        ~ " when 'object' then regexp_replace(cast(" ~ place ~ " as text), "
        ~ blanks ~ ") when 'array' then regexp_replace(cast(cast(" ~ place
        ~ " as jsonb) as text), " ~ blanks ~ ") when 'number' then "
        ~ user_segmentation._postgres_json_number(place)
        ~ " else cast(cast(" ~ place ~ " as jsonb) as text) end"
    ) }}
{%- endmacro %}

{% macro spark__json_text(expression, name) -%}
    {{ return(user_segmentation._variant_json(
        user_segmentation._json_variant(expression, name)
    )) }}
{%- endmacro %}

{% macro snowflake__json_text(expression, name) -%}
    {{ return(
        "to_json(" ~ user_segmentation._snowflake_json_place(expression, name) ~ ")"
    ) }}
{%- endmacro %}

{% macro bigquery__json_text(expression, name) -%}
    {{ return(
        "to_json_string(" ~ user_segmentation._bigquery_json_place(expression, name)
        ~ ")"
    ) }}
{%- endmacro %}
