{#
    The raw rows of the files that the newest build with anything to read has read, as a
    subquery like that of raw_rows: what a test compares with what was made of them,
    without reading all the files there ever were. A file that has been written anew
    since then is left out. A relation tells nothing of loads, so it is read whole.

    Arguments: table, 'events' or 'users'.
    Example: select count(*) from {{ newest_raw_rows('events') }} as raw_events
#}
{% macro newest_raw_rows(table) -%}
    {%- set deliveries = ref('stg_' ~ table[:-1] ~ '_deliveries') -%}
    {%- if not execute
        or not user_segmentation._reads_raw_files()
        or not load_relation(deliveries) -%}
        {{ return(user_segmentation.raw_rows(table)) }}
    {%- endif -%}
    {#- Other deliveries of events that it read count as the build's, too: a file is one
        that it read when all its rows are. -#}
    {%- set files %}
        with

        found as (
            {{ user_segmentation._raw_file_versions(table) }}
        ),

        newest_files as (
            select
                source_file,
                source_version
            from {{ deliveries }}
            where not is_withdrawn
            group by
                source_file,
                source_version
            having min(build_number) = (select max(build_number) from {{ deliveries }})
        )

        select found.filename
        from found
        inner join newest_files
            on
                found.source_file = newest_files.source_file
                and found.source_version = newest_files.source_version
        order by found.filename
    {%- endset -%}
    {{ return(user_segmentation.raw_rows(
        table, {'to_read': run_query(files).columns[0].values() | list}
    )) }}
{%- endmacro %}
