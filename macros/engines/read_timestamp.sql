{#
    The instant that a text holds, as a timestamp in UTC, else null: `YYYY-MM-DD`, alone
    or with a time, UTC unless it has an offset. A plain cast would drop the offset
    silently.

    Example: {{ read_timestamp("occurred_at") }}
#}
{% macro read_timestamp(expression) -%}
    {{ return(adapter.dispatch('read_timestamp', 'user_segmentation')(expression)) }}
{%- endmacro %}

{% macro default__read_timestamp(expression) -%}
    {{ return("cast(" ~ expression ~ " as " ~ dbt.type_timestamp() ~ ")") }}
{%- endmacro %}

{% macro duckdb__read_timestamp(expression) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set offset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    {{ return(
        "case when regexp_full_match(" ~ expression ~ ", '" ~ day ~ "(" ~ time ~ ")?')"
        ~ " then try_cast(" ~ expression ~ " as timestamp)"
        ~ " when regexp_full_match(" ~ expression ~ ", '" ~ day ~ time ~ offset ~ "')"
        ~ " then timezone('UTC', try_cast(" ~ expression ~ " as timestamptz)) end"
    ) }}
{%- endmacro %}

{% macro spark__read_timestamp(expression) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set offset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    {%- set pattern = '^' ~ day ~ '(' ~ time ~ offset ~ '?)?$' -%}
    {{ return(
        "case when " ~ user_segmentation.text_matches(expression, pattern)
        ~ " then try_cast(" ~ expression ~ " as timestamp) end"
    ) }}
{%- endmacro %}
