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

{% macro spark__json_text(expression, name) -%}
    {{ return(
        "to_json(" ~ user_segmentation._json_variant(expression, name) ~ ")"
    ) }}
{%- endmacro %}
