{#
    The raw rows of one table of the input contract that a build has to read, as a
    subquery: all of them at first, later those of the files that are new or were
    written anew (by name, size and time of change). In a relation, which tells nothing
    of loads, those of events of which it has more or fewer rows than were read before,
    and of users any row that differs. Columns: those of the contract as text (null
    where an optional one is missing), the columns beyond it, and
      source_file      the file that a row stands in, as named in the folder; null where
                       the input is a relation
      source_version   size and time of change of that file
      row_hash         of users in a relation a hash of the row, else null
      unreadable_line  a line of NDJSON that is no JSON object, else null
      json_line        the line of NDJSON that the row is, else null

    On DuckDB the folder `raw_path` with files `<table>.*` or a folder `<table>/` of
    such files: Parquet, CSV (comma, header line) and NDJSON, plain or gzipped, also
    mixed. Elsewhere, and on DuckDB when the variable `raw_schema` is set, the source
    relation.

    Arguments: table, 'events' or 'users'; changes, from raw_file_changes, or none for
    all that there is.
    Example: select event_id from {{ raw_rows('events') }} as raw_events
#}
{% macro raw_rows(table, changes=none) -%}
    {#- Called in any case: it is the edge from the source in dbt's graph. -#}
    {%- set relation = source('raw', table) -%}
    {%- if user_segmentation._reads_raw_files() -%}
        {{ return(user_segmentation._raw_files(
            table, changes.to_read if changes else none
        )) }}
    {%- endif -%}
    {{ return(user_segmentation._raw_relation(table, relation, changes)) }}
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
    {%- set path = var('raw_path', none)
        or env_var('USER_SEGMENTATION_RAW_PATH', 'data/demo/raw') -%}
    {{ return(path.rstrip('/')) }}
{%- endmacro %}

{#
    The places of the files of one table and format, as an SQL list: the files that are
    given, or all that there are. Brackets around one letter make a pattern of a plain
    name: only patterns may match nothing.

    Arguments: table; extensions; files, a list of paths or none.
#}
{% macro _raw_file_patterns(table, extensions, files=none) -%}
    {%- set patterns = [] -%}
    {%- for extension in extensions -%}
        {%- if files is none -%}
            {%- for place in [table ~ '.', table ~ '/**/*.'] -%}
                {%- do patterns.append(
                    user_segmentation._raw_path() ~ '/' ~ place
                    ~ extension[:-1] ~ '[' ~ extension[-1] ~ ']'
                ) -%}
            {%- endfor -%}
        {%- else -%}
            {%- for file in files if file.endswith('.' ~ extension) -%}
                {%- do patterns.append(
                    modules.re.sub('([*?[])', '[\\1]', file)
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set literals = user_segmentation.text_literals(patterns) -%}
    {{ return('cast([' ~ literals | join(', ') ~ '] as varchar[])') }}
{%- endmacro %}

{# The files of one table, each with its name inside the folder and its version. #}
{% macro _raw_file_versions(table, files=none) -%}
    {%- set extensions = user_segmentation._raw_extensions() -%}
    {%- set folder = user_segmentation.text_literal(
        user_segmentation._raw_path() ~ '/'
    ) -%}
    select
        filename,
        case
            when starts_with(filename, {{ folder }})
                then substr(filename, length({{ folder }}) + 1)
            else filename
        end as source_file,
        size || ' bytes of ' || (last_modified at time zone 'UTC') as source_version
    from read_blob({{ user_segmentation._raw_file_patterns(
        table, extensions.parquet + extensions.csv + extensions.json, files
    ) }})
{%- endmacro %}

{#
    The line reader under NDJSON: a separator that JSON forbids makes a line one column.
#}
{% macro _raw_json_lines(table, files=none) %}
    select
        cast(null as varchar) as line,
        cast(null as varchar) as filename
    where false
    union all by name
    select *
    from read_csv(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().json, files
        ) }},
        columns = {'line': 'varchar'}, delim = '\x1f', quote = '', escape = '',
        header = false, auto_detect = false, max_line_size = 100000000,
        filename = true, allow_empty = true
    )
{% endmacro %}

{% macro _raw_parquet(table, files=none) -%}
    read_parquet(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().parquet, files
        ) }},
        union_by_name = true, filename = true, allow_empty = true
    )
{%- endmacro %}

{# Without skip and comment DuckDB guesses them, and leaves out lines in silence. #}
{% macro _raw_csv(table, files=none) -%}
    read_csv(
        {{ user_segmentation._raw_file_patterns(
            table, user_segmentation._raw_extensions().csv, files
        ) }},
        header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
        skip = 0, comment = '', max_line_size = 100000000, union_by_name = true,
        filename = true, allow_empty = true
    )
{%- endmacro %}

{% macro _raw_files(table, files=none) %}
(
    with

    versions as (
        {{- user_segmentation._raw_file_versions(table, files) | indent(8) }}
    ),

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
        {{- user_segmentation._raw_json_lines(table, files) | indent(8) }}
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
        select columns(*)::varchar
        from {{ user_segmentation._raw_parquet(table, files) }}
        union all by name
        select * from {{ user_segmentation._raw_csv(table, files) }}
        union all by name
        select * from json_columns
    )

    select
        every_format.* exclude (filename, empty),
        null::varchar as row_hash,
        versions.source_file,
        versions.source_version
    from every_format
    left join versions on every_format.filename = versions.filename
)
{%- endmacro %}

{#
    The rows of a relation; in a build that adds to what was read before, of events and
    users that differ from it.
#}
{% macro _raw_relation(table, relation, changes) %}
(
    select *
    from {{ user_segmentation._raw_relation_rows(table, relation) }} as raw_relation
    {%- if changes %}
    where {{ user_segmentation.withdrawn_deliveries(table, changes) }}
    {%- endif %}
)
{%- endmacro %}

{% macro _raw_relation_rows(table, relation) %}
{%- set contract = user_segmentation.raw_contract(table) %}
(
    select
        {%- set texts = [] %}
        {%- for column in contract %}
        {%- set text =
            'cast(contract_columns.' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')' %}
        {%- do texts.append("coalesce('=' || " ~ text ~ ", '')") %}
        {{ text }} as {{ column.name }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as source_file,
        cast(null as {{ dbt.type_string() }}) as source_version,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        cast(null as {{ dbt.type_string() }}) as json_line,
        {%- if table == 'users' %}
        {{ dbt.hash(texts | join(" || chr(10) || ")) }} as row_hash
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as row_hash
        {%- endif %}
    from {{ user_segmentation.raw_relation_columns(table, relation) }}
)
{%- endmacro %}
