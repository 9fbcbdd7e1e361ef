{#
    The text, number or boolean under a name of a JSON object, as text, else null: a
    list or an object is missing. The name is a key as written, else a path with dots
    into objects.

    Arguments: expression, a readable JSON object as text or null; name, text.
    Example: {{ json_scalar("properties", "category") }}
#}
{% macro json_scalar(expression, name) -%}
    {{ return(adapter.dispatch('json_scalar', 'user_segmentation')(expression, name)) }}
{%- endmacro %}

{% macro duckdb__json_scalar(expression, name) -%}
    {%- set pointer = user_segmentation._json_pointer(expression, name) -%}
    {%- set place = expression ~ ", " ~ pointer -%}
    {{ return(
        "case when json_type(" ~ place ~ ") not in ('OBJECT', 'ARRAY', 'NULL')"
        ~ " then json_extract_string(" ~ place ~ ") end"
    ) }}
{%- endmacro %}

{% macro postgres__json_scalar(expression, name) -%}
    {%- set place = user_segmentation._postgres_json_place(expression, name) -%}
    {{ return(
        "case json_typeof(" ~ place ~ ")"
        ~ " when 'number' then " ~ user_segmentation._postgres_json_number(place)
        ~ " when 'string' then " ~ place ~ " #>> '{}'"
        ~ " when 'boolean' then " ~ place ~ " #>> '{}' end"
    ) }}
{%- endmacro %}

{#
    What stands under a name, as JSON. A path leads through objects only: a step into a
    list is null. An object is readable, so json, which keeps what was written, is safe.
#}
{% macro _postgres_json_place(expression, name) -%}
    {%- set document = "cast(" ~ expression ~ " as json)" -%}
    {%- set key = document ~ " -> " ~ user_segmentation.text_literal(name) -%}
    {%- if '.' not in name -%}
        {{ return("(" ~ key ~ ")") }}
    {%- endif -%}
    {%- set steps = user_segmentation.text_literals(name.split('.')) -%}
    {{ return(
        "coalesce(" ~ key ~ ", " ~ document ~ " -> " ~ steps | join(' -> ') ~ ")"
    ) }}
{%- endmacro %}

{#
    A JSON number as the shortest text that is the same number, as DuckDB has it: 1.5 of
    1.50, 1000.0 of 1e3, 1e-7 of 1e-07. A whole number stays as written.
#}
{% macro _postgres_json_number(place) -%}
    {%- set written = "(" ~ place ~ " #>> '{}')" -%}
    {%- set number = "cast(" ~ written ~ " as numeric)" -%}
    {{ return(
        "case when " ~ written ~ " !~ '[eE]' then regexp_replace(" ~ written
        ~ ", '([.][0-9]+?)0+$', '\\1') when abs(" ~ number ~ ") >= 1e21 or abs("
        ~ number ~ ") < 1e-6 then regexp_replace(lower(" ~ written
        ~ "), 'e[+]?(-?)0*', 'e\\1') when " ~ number ~ " = trunc(" ~ number
        ~ ") then cast(trunc(" ~ number ~ ") as text) || '.0' else cast(" ~ number
        ~ " as text) end"
    ) }}
{%- endmacro %}

{#
    The place of a name in a JSON object, as a JSON pointer, in which any key can be
    said.
#}
{% macro _json_pointer(expression, name) -%}
    {%- set escaped = name | replace('~', '~0') | replace('/', '~1') -%}
    {%- set key = user_segmentation.text_literal('/' ~ escaped) -%}
    {%- if '.' not in name -%}
        {{ return(key) }}
    {%- endif -%}
    {#- A path leads through objects only; through a list it leads nowhere (null). -#}
    {%- set steps = escaped.split('.') -%}
    {%- set parents_are_objects = [] -%}
    {%- for _ in steps[1:] -%}
        {%- set parent = '/' ~ steps[:loop.index] | join('/') -%}
        {%- do parents_are_objects.append(
            "json_type(" ~ expression ~ ", " ~ user_segmentation.text_literal(parent)
            ~ ") = 'OBJECT'"
        ) -%}
    {%- endfor -%}
    {%- set path = user_segmentation.text_literal('/' ~ steps | join('/')) -%}
    {{ return(
        "case when json_type(" ~ expression ~ ", " ~ key ~ ") is not null then " ~ key
        ~ " when " ~ parents_are_objects | join(' and ') ~ " then " ~ path ~ " end"
    ) }}
{%- endmacro %}

{% macro spark__json_scalar(expression, name) -%}
    {%- set value = user_segmentation._json_variant(expression, name) -%}
    {{ return(
        "case when not startswith(schema_of_variant(" ~ value ~ "), 'OBJECT')"
        ~ " and not startswith(schema_of_variant(" ~ value ~ "), 'ARRAY') then "
        ~ user_segmentation._variant_text(value) ~ " end"
    ) }}
{%- endmacro %}

{#
    What a variant says as text, without the quotes of a text. A number that is written
    with decimals or an exponent has the form that DuckDB gives it; whole ones are no
    decimals, unless they are too long for a bigint.

    Arguments: value, SQL; otherwise, SQL of what it is if it is no such number.
#}
{% macro _variant_text(value, otherwise=none) -%}
    {%- set text = "cast(" ~ value ~ " as string)" -%}
    {%- set type = "schema_of_variant(" ~ value ~ ")" -%}
    {{ return(
        "case when startswith(" ~ type ~ ", 'DECIMAL') and not contains(" ~ text
        ~ ", '.') and length(" ~ text ~ ") < 19 then concat(" ~ text ~ ", '.0') when "
        ~ type
        ~ " = 'DOUBLE' then replace(lower(" ~ text ~ "), '.0e', 'e') else "
        ~ (otherwise or text) ~ " end"
    ) }}
{%- endmacro %}

{# A variant as JSON text. #}
{% macro _variant_json(value) -%}
    {%- set element = user_segmentation._variant_text('element', 'to_json(element)') -%}
    {%- set list = "concat('[', array_join(transform(try_cast(" ~ value
        ~ " as array<variant>), element -> " ~ element ~ "), ','), ']')" -%}
    {{ return(
        "case when startswith(schema_of_variant(" ~ value ~ "), 'ARRAY') then " ~ list
        ~ " else " ~ user_segmentation._variant_text(value, "to_json(" ~ value ~ ")")
        ~ " end"
    ) }}
{%- endmacro %}

{# What stands under a name of a JSON object, as a variant of Spark. #}
{% macro _json_variant(expression, name) -%}
    {%- set object = "from_json(" ~ expression ~ ", 'map<string, variant>')" -%}
    {%- set key = user_segmentation.text_literal(name) -%}
    {%- set value = "try_element_at(" ~ object ~ ", " ~ key ~ ")" -%}
    {%- if '.' not in name -%}
        {{ return(value) }}
    {%- endif -%}
    {#- A path leads through objects only; through a list it leads nowhere (null). -#}
    {%- set steps = user_segmentation.text_literals(name.split('.')) -%}
    {%- set place = namespace(
        value="try_element_at(" ~ object ~ ", " ~ steps[0] ~ ")"
    ) -%}
    {%- for step in steps[1:] -%}
        {%- set place.value = "try_element_at(try_cast(" ~ place.value
            ~ " as map<string, variant>), " ~ step ~ ")" -%}
    {%- endfor -%}
    {{ return("coalesce(" ~ value ~ ", " ~ place.value ~ ")") }}
{%- endmacro %}

{% macro snowflake__json_scalar(expression, name) -%}
    {%- set place = user_segmentation._snowflake_json_place(expression, name) -%}
    {{ return(
        "case when typeof(" ~ place ~ ") not in ('OBJECT', 'ARRAY', 'NULL_VALUE')"
        ~ " then cast(" ~ place ~ " as varchar) end"
    ) }}
{%- endmacro %}

{# What stands under a name, as a variant; a step into a list is null. #}
{% macro _snowflake_json_place(expression, name) -%}
    {%- set document = "parse_json(" ~ expression ~ ")" -%}
    {%- set key = "get(" ~ document ~ ", " ~ user_segmentation.text_literal(name) ~ ")"
    -%}
    {%- if '.' not in name -%}
        {{ return(key) }}
    {%- endif -%}
    {%- set place = namespace(value=document) -%}
    {%- for step in user_segmentation.text_literals(name.split('.')) -%}
        {%- set place.value = "get(" ~ place.value ~ ", " ~ step ~ ")" -%}
    {%- endfor -%}
    {{ return("coalesce(" ~ key ~ ", " ~ place.value ~ ")") }}
{%- endmacro %}

{% macro bigquery__json_scalar(expression, name) -%}
    {%- set place = user_segmentation._bigquery_json_place(expression, name) -%}
    {{ return(
        "case when json_type(" ~ place ~ ") in ('string', 'number', 'boolean')"
        ~ " then lax_string(" ~ place ~ ") end"
    ) }}
{%- endmacro %}

{# What stands under a name, as JSON; a step into a list is null. #}
{% macro _bigquery_json_place(expression, name) -%}
    {%- set document = user_segmentation._bigquery_json(expression) -%}
    {%- set key = document ~ "[" ~ user_segmentation.text_literal(name) ~ "]" -%}
    {%- if '.' not in name -%}
        {{ return(key) }}
    {%- endif -%}
    {%- set steps = user_segmentation.text_literals(name.split('.')) -%}
    {{ return(
        "coalesce(" ~ key ~ ", " ~ document ~ "[" ~ steps | join('][') ~ "])"
    ) }}
{%- endmacro %}
