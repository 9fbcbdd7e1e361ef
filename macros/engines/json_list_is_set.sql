{#
    Whether there is a JSON list under a name that is not empty. Null where there is no
    list.

    Arguments: expression, a readable JSON object as text or null; name, text.
    Example: {{ json_list_is_set("traits", "interests") }}
#}
{% macro json_list_is_set(expression, name) -%}
    {{ return(adapter.dispatch('json_list_is_set', 'user_segmentation')(
        expression, name
    )) }}
{%- endmacro %}

{% macro duckdb__json_list_is_set(expression, name) -%}
    {{ return("len(" ~ user_segmentation._json_list(expression, name) ~ ") > 0") }}
{%- endmacro %}

{% macro postgres__json_list_is_set(expression, name) -%}
    {%- set place = user_segmentation._postgres_json_place(expression, name) -%}
    {{ return(
        "case when json_typeof(" ~ place ~ ") = 'array' then json_array_length("
        ~ place ~ ") > 0 end"
    ) }}
{%- endmacro %}

{% macro spark__json_list_is_set(expression, name) -%}
    {{ return(
        "size(try_cast(" ~ user_segmentation._json_variant(expression, name)
        ~ " as array<variant>)) > 0"
    ) }}
{%- endmacro %}

{% macro snowflake__json_list_is_set(expression, name) -%}
    {%- set place = user_segmentation._snowflake_json_place(expression, name) -%}
    {{ return(
        "case when typeof(" ~ place ~ ") = 'ARRAY' then array_size(" ~ place
        ~ ") > 0 end"
    ) }}
{%- endmacro %}

{% macro bigquery__json_list_is_set(expression, name) -%}
    {%- set place = user_segmentation._bigquery_json_place(expression, name) -%}
    {{ return(
        "case when json_type(" ~ place ~ ") = 'array' then array_length("
        ~ "json_query_array(" ~ place ~ ")) > 0 end"
    ) }}
{%- endmacro %}
