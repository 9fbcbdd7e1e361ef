{#
    The strategies `replace` and `delete+insert` on BigQuery, each in one transaction;
    of any other strategy dbt's own SQL. The new rows are in a table beside, since every
    model has `on_schema_change`.

    Arguments: from dbt's incremental materialization.
#}
{% macro bq_generate_incremental_build_sql(
    strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions,
    dest_columns, tmp_relation_exists, copy_partitions, incremental_predicates
) -%}
    {%- if strategy == 'replace' -%}
        {{ return(user_segmentation.get_incremental_replace_sql({
            'target_relation': target_relation,
            'temp_relation': tmp_relation,
            'dest_columns': dest_columns,
        })) }}
    {%- elif strategy == 'delete+insert' -%}
        {%- set columns = dest_columns | map(attribute='quoted') | join(', ') -%}
        {%- set delete %}
        delete from {{ target_relation }}
        where {{ user_segmentation._has_written_key(
            target_relation, tmp_relation, unique_key
        ) }}
        {%- endset %}
        {%- set insert %}
        insert into {{ target_relation }} ({{ columns }})
        select {{ columns }} from {{ tmp_relation }}
        {%- endset %}
        {{ return(user_segmentation.in_one_transaction(delete, insert)) }}
    {%- endif -%}
    {{ return(dbt.bq_generate_incremental_build_sql(
        strategy, tmp_relation, target_relation, sql, unique_key, partition_by,
        partitions, dest_columns, tmp_relation_exists, copy_partitions,
        incremental_predicates
    )) }}
{%- endmacro %}
