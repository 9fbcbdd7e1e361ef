{#
    What has changed in the folder of raw files since the build before, for one table: a
    dictionary of lists
      to_read   paths of files that are new or were written anew
      rewritten names of files whose earlier rows no longer stand
      missing   names of files that were read and are there no more

    A file is known by its name inside the folder; its version is its size and the
    second in which it was changed. In a relation there are no files, the lists are
    empty.

    Arguments: table, 'events' or 'users'.
    Example: {% set changes = raw_file_changes('events') %}
#}
{% macro raw_file_changes(table) -%}
    {%- set changes = {'to_read': [], 'rewritten': [], 'missing': []} -%}
    {%- set node = graph.nodes.get(
        'model.user_segmentation.stg_' ~ table[:-1] ~ '_deliveries'
    ) -%}
    {%- set deliveries = adapter.get_relation(node.database, node.schema, node.alias)
        if execute and node and user_segmentation._reads_raw_files() -%}
    {%- if deliveries -%}
        {%- set files %}
            with

            found as (
                {{ user_segmentation._raw_file_versions(table) }}
            ),

            known as (
                select distinct
                    source_file,
                    source_version
                from {{ deliveries }}
                where not is_withdrawn
            )

            select
                found.filename,
                known.source_file as known_file
            from found
            full join known on found.source_file = known.source_file
            where found.source_version is distinct from known.source_version
            order by found.filename, known.source_file
        {%- endset -%}
        {%- for row in run_query(files).rows -%}
            {%- if row['filename'] is none -%}
                {%- do changes.missing.append(row['known_file']) -%}
            {%- else -%}
                {%- do changes.to_read.append(row['filename']) -%}
                {%- if row['known_file'] is not none -%}
                    {%- do changes.rewritten.append(row['known_file']) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(changes) }}
{%- endmacro %}
