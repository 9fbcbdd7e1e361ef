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
    {%- if var('raw_schema', none) is none and target.type == 'duckdb' -%}
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
        'columns': columns | map(attribute='name') | list,
    }) }}
{%- endmacro %}

{% macro _raw_file_columns(table) -%}
    {%- set path = user_segmentation._raw_path() -%}
    {%- set readers = {
        'parquet': user_segmentation._raw_parquet(table),
        'csv': user_segmentation._raw_csv(table),
    } -%}
    {%- set patterns = user_segmentation._raw_file_patterns(table, [
        'parquet', 'csv', 'csv.gz', 'ndjson', 'jsonl', 'json', 'ndjson.gz', 'jsonl.gz',
        'json.gz',
    ]) -%}
    {%- set files = [] -%}
    {%- set columns = [] -%}
    {%- for row in run_query(
        "select file from glob(" ~ patterns ~ ") order by file"
    ).rows -%}
        {%- do files.append(row[0]) -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- for reader in readers.values() -%}
        {%- for row in run_query("describe select * from " ~ reader).rows -%}
            {%- do names.append(row[0]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {#- The keys of the first lines speak for NDJSON, which has no header. -#}
    {%- for row in run_query(
        "select distinct unnest(json_keys(line)) from (select line from ("
        ~ user_segmentation._raw_json_lines(table)
        ~ ") where coalesce(json_valid(line), false) limit 10000)"
    ).rows -%}
        {%- do names.append(row[0]) -%}
    {%- endfor -%}
    {%- for name in names | unique if name not in ('filename', 'empty') -%}
        {%- do columns.append(name) -%}
    {%- endfor -%}
    {{ return({
        'place': path ~ '/' ~ table ~ '.*',
        'found': files | length > 0,
        'files': files,
        'columns': columns,
    }) }}
{%- endmacro %}
