{#
    Makes the functions that an engine needs and does not have, at the start of a run;
    nothing on most. On PostgreSQL before version 16, where only an error tells that a
    text is no JSON, one function that catches it.

    Example: on-run-start: "{{ create_engine_functions() }}"
#}
{% macro create_engine_functions() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') -%}
        {{ return(adapter.dispatch('create_engine_functions', 'user_segmentation')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__create_engine_functions() -%}
{%- endmacro %}

{% macro postgres__create_engine_functions() -%}
    {%- set schema = adapter.quote(target.schema) %}
create schema if not exists {{ schema }};
create or replace function {{ schema }}.json_object_or_null(given text)
returns text language plpgsql immutable strict parallel restricted as $$
begin
    return case when json_typeof(cast(given as json)) = 'object'
        -- What jsonb refuses, like the character U+0000, no text can hold.
        and cast(given as jsonb) is not null then given end;
exception when data_exception or program_limit_exceeded then
    return null;
end $$;
{%- endmacro %}
