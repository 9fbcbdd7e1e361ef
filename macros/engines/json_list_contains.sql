{#
    Whether the JSON list under a name holds an element, as a whole. Null where there is
    no list.

    Arguments: expression, a readable JSON object as text or null; name, text; element,
    SQL of type text.
    Example: {{ json_list_contains("traits", "interests", "'running'") }}
#}
{% macro json_list_contains(expression, name, element) -%}
    {{ return(adapter.dispatch('json_list_contains', 'user_segmentation')(
        expression, name, element
    )) }}
{%- endmacro %}

{% macro duckdb__json_list_contains(expression, name, element) -%}
    {%- set elements = user_segmentation._json_list(expression, name) -%}
    {{ return("list_contains(" ~ elements ~ ", " ~ element ~ ")") }}
{%- endmacro %}

{# The JSON list under a name as a list of texts, null where there is none. #}
{% macro _json_list(expression, name) -%}
    {%- set pointer = user_segmentation._json_pointer(expression, name) -%}
    {%- set place = expression ~ ", " ~ pointer -%}
    {{ return(
        "case when json_type(" ~ place ~ ") = 'ARRAY'"
        ~ " then from_json(json_extract(" ~ place ~ "), '[\"varchar\"]') end"
    ) }}
{%- endmacro %}

{% macro postgres__json_list_contains(expression, name, element) -%}
    {%- set place = user_segmentation._postgres_json_place(expression, name) -%}
    {{ return(
        "case when json_typeof(" ~ place ~ ") = 'array' then exists (select 1"
        ~ " from json_array_elements(" ~ place ~ ") as elements (element) where "
        ~ user_segmentation._postgres_entry_text('element') ~ " = " ~ element
        ~ ") end"
    ) }}
{%- endmacro %}

{% macro spark__json_list_contains(expression, name, element) -%}
    {#- A null in the list would make the answer null. -#}
    {{ return(
        "array_contains(array_compact(transform(try_cast("
        ~ user_segmentation._json_variant(expression, name)
        ~ " as array<variant>), element -> "
        ~ user_segmentation._variant_text('element') ~ ")), " ~ element ~ ")"
    ) }}
{%- endmacro %}

{#
    A list holds values of any type: the element is looked for as a text and as what
    the text says.
#}
{% macro snowflake__json_list_contains(expression, name, element) -%}
    {%- set place = user_segmentation._snowflake_json_place(expression, name) -%}
    {{ return(
        "case when typeof(" ~ place ~ ") = 'ARRAY' then array_contains(to_variant("
        ~ element ~ "), as_array(" ~ place
        ~ ")) or coalesce(array_contains(try_parse_json(" ~ element ~ "), as_array("
        ~ place ~ ")), false) end"
    ) }}
{%- endmacro %}

{% macro bigquery__json_list_contains(expression, name, element) -%}
    {%- set place = user_segmentation._bigquery_json_place(expression, name) -%}
    {{ return(
        "case when json_type(" ~ place ~ ") = 'array' then exists (select 1"
        ~ " from unnest(json_query_array(" ~ place ~ ")) as entry where "
        ~ user_segmentation._bigquery_entry_text('entry') ~ " = " ~ element ~ ") end"
    ) }}
{%- endmacro %}

{# JSON as text: of a text what it says, without the quotes. #}
{% macro _bigquery_entry_text(place) -%}
    {{ return("coalesce(lax_string(" ~ place ~ "), to_json_string(" ~ place ~ "))") }}
{%- endmacro %}
