{#
    Makes the table of a seed, with the types of its columns as the engine names them.

    Arguments: model, agate_table, from dbt.
#}
{% macro postgres__create_csv_table(model, agate_table) -%}
    {{ return(dbt.default__create_csv_table(
        user_segmentation._engine_seed(model), agate_table
    )) }}
{%- endmacro %}

{#
    With its rows, in one statement. On the way through a session dbt's own takes 'None'
    for a missing value, and breaks at a quote.
#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set sql %}
        create table {{ this }}
        {{ file_format_clause() }}
        {{ location_clause() }}
        {{ comment_clause() }}
        as {{ user_segmentation._seed_rows(model, agate_table) }}
    {%- endset -%}
    {%- call statement('_') -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro _seed_rows(model, agate_table) -%}
    {%- set columns = agate_table.column_names -%}
    {%- set types = model.config.column_types -%}
    select
        {%- for column in columns %}
        cast({{ column }} as {{ user_segmentation.engine_type(types[column]) }})
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {%- if agate_table.rows %}
        values
        {%- for row in agate_table.rows %}
        (
            {%- for value in row -%}
            {{ user_segmentation.text_literal(value) if value is not none else 'null' }}
            {{- ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
        {%- else %}
        select {{ ['null'] * columns | length | join(', ') }} where false
        {%- endif %}
    ) as seed_rows ({{ columns | join(', ') }})
{%- endmacro %}

{% macro databricks__create_csv_table(model, agate_table) -%}
    {{ return(dbt.databricks__create_csv_table(
        user_segmentation._engine_seed(model), agate_table
    )) }}
{%- endmacro %}
