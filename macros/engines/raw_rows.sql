{#
    The raw rows of one table of the input contract as a subquery: every column of the
    contract as text (null where an optional one is missing), the columns beyond it, and
      source_file      the file that a row stands in, null where the input is a relation
      unreadable_line  a line of NDJSON that is no JSON object, else null
      json_line        the line of NDJSON that the row is, else null

    On DuckDB the folder `raw_path` with files `<table>.*` or a folder `<table>/` of
    such files: Parquet, CSV (comma, header line) and NDJSON, plain or gzipped, also
    mixed. Elsewhere, and on DuckDB when the variable `raw_schema` is set, the source
    relation.

    Arguments: table, 'events' or 'users'.
    Example: select event_id from {{ raw_rows('events') }} as raw_events
#}
{% macro raw_rows(table) -%}
    {#- Called in any case: it is the edge from the source in dbt's graph. -#}
    {%- set relation = source('raw', table) -%}
    {%- if user_segmentation._reads_raw_files() -%}
        {{ return(user_segmentation._raw_files(table)) }}
    {%- endif -%}
    {{ return(user_segmentation._raw_relation(table, relation)) }}
{%- endmacro %}

{# Whether raw data are files in a folder rather than relations of the warehouse. #}
{% macro _reads_raw_files() -%}
    {{ return(var('raw_schema', none) is none and target.type == 'duckdb') }}
{%- endmacro %}

{# The endings of the names of raw files, by format. #}
{% macro _raw_extensions() -%}
    {{ return({
        'parquet': ['parquet'],
        'csv': ['csv', 'csv.gz'],
        'json': ['ndjson', 'jsonl', 'json', 'ndjson.gz', 'jsonl.gz', 'json.gz'],
    }) }}
{%- endmacro %}

{# The folder of raw files: the variable, else the environment, else the demo data. #}
{% macro _raw_path() -%}
    {{ return(
        var('raw_path', none) or env_var('USER_SEGMENTATION_RAW_PATH', 'data/demo/raw')
    ) }}
{%- endmacro %}

{#
    The list of places of the files of one table and format, as an SQL list. Brackets
    around one letter make a pattern of a plain name: only patterns may match nothing.
#}
{% macro _raw_file_patterns(table, extensions) -%}
    {%- set patterns = [] -%}
    {%- for extension in extensions -%}
        {%- for place in [table ~ '.', table ~ '/**/*.'] -%}
            {%- do patterns.append(user_segmentation.text_literal(
                user_segmentation._raw_path() ~ '/' ~ place
                ~ extension[:-1] ~ '[' ~ extension[-1] ~ ']'
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('[' ~ patterns | join(', ') ~ ']') }}
{%- endmacro %}

{#
    The line reader under NDJSON: a separator that JSON forbids makes a line one column.
#}
{% macro _raw_json_lines(table) %}
    select
        cast(null as varchar) as line,
        cast(null as varchar) as filename
    where false
    union all by name
    select *
    from read_csv(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().json
        ) }},
        columns = {'line': 'varchar'}, delim = '\x1f', quote = '', escape = '',
        header = false, auto_detect = false, max_line_size = 100000000,
        filename = true, allow_empty = true
    )
{% endmacro %}

{% macro _raw_parquet(table) -%}
    read_parquet(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().parquet
        ) }},
        union_by_name = true, filename = true, allow_empty = true
    )
{%- endmacro %}

{# Without skip and comment DuckDB guesses them, and leaves out lines in silence. #}
{% macro _raw_csv(table) -%}
    read_csv(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().csv
        ) }},
        header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
        skip = 0, comment = '', max_line_size = 100000000, union_by_name = true,
        filename = true, allow_empty = true
    )
{%- endmacro %}

{% macro _raw_files(table) %}
(
    with

    contract as (
        select
            {%- for column in user_segmentation.raw_contract(table) %}
            cast(null as varchar) as {{ column.name }},
            {%- endfor %}
            cast(null as varchar) as filename,
            cast(null as varchar) as unreadable_line,
            cast(null as varchar) as json_line,
            cast(null as boolean) as empty
        where false
    ),

    json_lines as (
        {{- user_segmentation._raw_json_lines(table) | indent(8) }}
    ),

    json_rows as (
        select
            filename,
            case when coalesce(json_valid(line), false) then json_type(line) end
            = 'OBJECT' as is_object,
            line
        from json_lines
        where trim(line) <> ''
    ),

    json_columns as (
        select
            filename,
            case when not coalesce(is_object, false) then line end as unreadable_line,
            line as json_line,
            unnest(
                case when is_object then json_transform(line, '{
                    {%- for column in user_segmentation.raw_contract(table) -%}
                        "{{ column.name }}": "VARCHAR"{{ ", " if not loop.last }}
                    {%- endfor -%}
                }') end
            )
        from json_rows
    ),

    every_format as (
        select * from contract
        union all by name
        select columns(*)::varchar from {{ user_segmentation._raw_parquet(table) }}
        union all by name
        select * from {{ user_segmentation._raw_csv(table) }}
        union all by name
        select * from json_columns
    )

    select * exclude (filename, empty), filename as source_file from every_format
)
{%- endmacro %}

{#
    A missing optional column is null: the inner select takes a column from the source
    where it has one, else from `absent`. A missing required column is an error that
    names it.
#}
{% macro _raw_relation(table, relation) %}
(
    select
        {%- for column in user_segmentation.raw_contract(table) %}
        cast(contract_columns.{{ column.name }} as {{ dbt.type_string() }})
            as {{ column.name }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as source_file,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        cast(null as {{ dbt.type_string() }}) as json_line
    from (
        select
            {%- for column in user_segmentation.raw_contract(table)
                | rejectattr('required') %}
            cast(null as {{ dbt.type_string() }}) as {{ column.name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
    ) as absent
    cross join lateral (
        select
            {%- for column in user_segmentation.raw_contract(table) %}
            {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    ) as contract_columns
)
{%- endmacro %}
