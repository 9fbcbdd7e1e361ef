{#
    What stands at the place of a raw table: a dictionary of
      place    the folder or relation, in words
      found    whether there is any
      files    the files found there (folder input only)
      columns  the names of the columns, in order, or none where they can't be told

    Queries the warehouse; for checks at the start of a run.

    Arguments: table, 'events' or 'users'.
#}
{% macro raw_column_names(table) -%}
    {%- if user_segmentation._reads_raw_files() -%}
        {{ return(user_segmentation._raw_file_columns(table)) }}
    {%- endif -%}
    {%- set place = source('raw', table) -%}
    {%- set relation = adapter.get_relation(
        place.database, place.schema, place.identifier
    ) -%}
    {%- if relation is none -%}
        {{ return({
            'place': place | string,
            'found': false,
            'files': [],
            'columns': [],
        }) }}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {{ return({
        'place': place | string,
        'found': true,
        'files': [],
        'columns': columns | map(attribute='name') | map('lower') | list,
    }) }}
{%- endmacro %}

{% macro _raw_file_columns(table) -%}
    {%- set extensions = user_segmentation._raw_extensions() -%}
    {%- set patterns = user_segmentation._raw_file_patterns(
        table, extensions.parquet + extensions.csv + extensions.json
    ) -%}
    {%- set files = user_segmentation._first_column(
        "select file from glob(" ~ patterns ~ ") order by file"
    ) -%}
    {%- set names = user_segmentation._first_column(
        "describe select * from " ~ user_segmentation._raw_parquet(table)
    ) + user_segmentation._first_column(
        "describe select * from " ~ user_segmentation._raw_csv(table)
    ) -%}
    {#- The keys of the first lines speak for NDJSON, which has no header. -#}
    {%- set keys = user_segmentation._first_column(
        "select distinct unnest(json_keys(line)) from (select line from ("
        ~ user_segmentation._raw_json_lines(table)
        ~ ") where case when json_valid(line) then json_type(line) end = 'OBJECT'"
        ~ " limit 10000)"
    ) -%}
    {{ return({
        'place': user_segmentation._raw_path() ~ '/' ~ table ~ '.*',
        'found': files | length > 0,
        'files': files,
        'columns': (names | map('lower') | list + keys) | unique
            | reject('in', ['filename', 'empty', 'column0']) | list,
    }) }}
{%- endmacro %}

{# The first column of a query's result, as a list. #}
{% macro _first_column(sql) -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{%- endmacro %}
