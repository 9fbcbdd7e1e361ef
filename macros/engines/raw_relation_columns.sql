{#
    What stands in a from clause for a raw relation: `contract_columns`, with every
    column of the contract. A missing optional column is null.

    Arguments: table, 'events' or 'users'; relation.
    Example: select event_id from {{ raw_relation_columns('events', relation) }}
#}
{% macro raw_relation_columns(table, relation) -%}
    {{ return(adapter.dispatch('raw_relation_columns', 'user_segmentation')(
        table, relation
    )) }}
{%- endmacro %}

{# Which columns the relation has is asked beforehand. #}
{% macro default__raw_relation_columns(table, relation) -%}
    {%- set found = user_segmentation.raw_column_names(table).columns if execute -%}
    (
        select
            {%- for column in user_segmentation.raw_contract(table) %}
            {%- if column.required or column.name in (found or []) %}
            {{ column.name }}
            {%- else %}
            cast(null as {{ dbt.type_string() }}) as {{ column.name }}
            {%- endif %}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    ) as contract_columns
{%- endmacro %}

{#
    The inner select takes a column from the source where it has one, else from
    `absent`. A missing required column is an error that names it.
#}
{% macro duckdb__raw_relation_columns(table, relation) -%}
{%- set contract = user_segmentation.raw_contract(table) -%}
(
        select
            {%- for column in contract | rejectattr('required') %}
            cast(null as {{ dbt.type_string() }}) as {{ column.name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
    ) as absent
    cross join lateral (
        select
            {%- for column in contract %}
            {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    ) as contract_columns
{%- endmacro %}

{% macro postgres__raw_relation_columns(table, relation) -%}
    {{ return(user_segmentation.duckdb__raw_relation_columns(table, relation)) }}
{%- endmacro %}

{% macro spark__raw_relation_columns(table, relation) -%}
    {{ return(user_segmentation.duckdb__raw_relation_columns(table, relation)) }}
{%- endmacro %}
