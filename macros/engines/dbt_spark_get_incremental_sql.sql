{#
    The strategies `replace` and `delete+insert` on Spark, where files can not be
    changed: new rows are written to a table beside, those that stay are added to them,
    and it is put in the place of the old one. Where nothing goes the new rows are
    added to the table, and where there are none it stays as it is.

    Between the two renamings at the end there is no table of this name; a build that
    is killed there is mended by restore_replaced_tables.

    Arguments: from dbt's incremental materialization.
#}
{% macro dbt_spark_get_incremental_sql(
    strategy, source, target, existing, unique_key, incremental_predicates
) -%}
    {%- if strategy not in ['replace', 'delete+insert'] -%}
        {{ return(dbt.dbt_spark_get_incremental_sql(
            strategy, source, target, existing, unique_key, incremental_predicates
        )) }}
    {%- endif -%}
    {%- set new = user_segmentation._table_beside(target, 'new') -%}
    {%- set old = user_segmentation._table_beside(target, 'old') -%}
    {%- set names = adapter.get_columns_in_relation(target)
        | map(attribute='name') | list -%}
    {%- set columns = names | join(', ') -%}
    {%- set new_columns = [] -%}
    {%- for name in names -%}
        {%- do new_columns.append(user_segmentation._contract_column(name)) -%}
    {%- endfor -%}
    {%- set kind = config.get('meta', {}).get('replaces') -%}
    {%- set goes -%}
        {%- if strategy == 'replace' -%}
            {{ user_segmentation._replaced_rows(kind, new) }}
        {%- else -%}
            {{ user_segmentation._has_written_key(target, new, unique_key) }}
        {%- endif -%}
    {%- endset -%}
    {%- for relation in [new, old] -%}
        {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- endfor -%}
    {%- call statement('write_new_rows') %}
        create table {{ new }}
        {{ file_format_clause() }}
        as select {{ new_columns | join(', ') }} from {{ source }}
        {%- if kind == 'due_snapshots' %}
        where {{ user_segmentation._is_due_snapshot() }}
        {%- endif %}
    {%- endcall -%}
    {%- set found = run_query(
        'select 1 from ' ~ target ~ ' where ' ~ goes ~ ' limit 1'
    ) -%}
    {%- if found.rows -%}
        {%- call statement('write_rows_that_stay') %}
            insert into {{ new }}
            select {{ columns }} from {{ target }}
            where not coalesce({{ goes }}, false)
        {%- endcall -%}
        {%- do run_query('alter table ' ~ target ~ ' rename to ' ~ old) -%}
        {%- do run_query('alter table ' ~ new ~ ' rename to ' ~ target) -%}
        {{ return('drop table ' ~ old) }}
    {%- endif -%}
    {%- call statement('add_new_rows') %}
        insert into {{ target }} select {{ columns }} from {{ new }}
    {%- endcall -%}
    {{ return('drop table ' ~ new) }}
{%- endmacro %}

{# The table in which new or old rows of a table stand while they are replaced. #}
{% macro _table_beside(relation, kind) -%}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__dbt_' ~ kind}
    )) }}
{%- endmacro %}

{# The condition on the rows of a table whose key another table has, too. #}
{% macro _has_written_key(relation, written, unique_key) %}
        exists (
            select 1 from {{ written }} as written
            where
                {%- for column in unique_key %}
                {{ 'and ' if not loop.first -}}
                written.{{ column }} = {{ relation.identifier }}.{{ column }}
                {%- endfor %}
        )
{%- endmacro %}
