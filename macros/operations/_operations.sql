{#
    What the operations share: errors on their arguments, and queries on built tables.

    Arguments: operation, its name; argument, given and allowed, for the error's words.
#}
{% macro _operation_error(operation, argument, given, allowed) -%}
    {%- do exceptions.raise_compiler_error(
        operation ~ "(" ~ argument ~ "=): given " ~ user_segmentation._shown(given)
        ~ "; allowed is " ~ user_segmentation._sentence(allowed)
    ) -%}
{%- endmacro %}

{# Stops unless the tables are built and a date, if given, is one of the snapshots. #}
{% macro _check_snapshot_date(operation, as_of_date) -%}
    {%- for name in ['int_as_of_dates', 'user_facts'] -%}
        {%- set relation = ref(name) -%}
        {%- if adapter.get_relation(
            relation.database, relation.schema, relation.identifier
        ) is none -%}
            {%- do exceptions.raise_compiler_error(
                operation ~ ": there is no table " ~ relation ~ ". Build the target '"
                ~ target.name ~ "' first, or name the one that is built with --target."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set dates = user_segmentation._query_rows(
        "select cast(as_of_date as " ~ dbt.type_string() ~ ") as as_of_date from "
        ~ ref('int_as_of_dates') ~ " order by as_of_date"
    ) | map(attribute='as_of_date') | list -%}
    {%- if not dates -%}
        {%- do exceptions.raise_compiler_error(
            operation ~ ": there are no events, so there is no date to speak of."
        ) -%}
    {%- elif as_of_date is not none and as_of_date | string not in dates -%}
        {%- do user_segmentation._operation_error(
            operation, 'as_of_date', as_of_date | string,
            'one of the snapshot dates: ' ~ dates | join(', ')
        ) -%}
    {%- endif -%}
{%- endmacro %}

{# The query of one snapshot date: the given one, else the current one. #}
{% macro _snapshot_date_sql(as_of_date=none) -%}
    {{ return(
        "select as_of_date from " ~ ref('int_as_of_dates') ~ " where "
        ~ ("is_current" if as_of_date is none
            else "as_of_date = cast("
                ~ user_segmentation.text_literal(as_of_date) ~ " as date)")
    ) }}
{%- endmacro %}

{# The rows of a query, each a dictionary from the column's name. #}
{% macro _query_rows(sql) -%}
    {%- set result = run_query(sql) -%}
    {%- set rows = [] -%}
    {%- for row in result.rows -%}
        {%- do rows.append(dict(zip(result.column_names | map('lower'), row.values())))
        -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{# Prints rows under headers, in columns as wide as they need; numbers to the right. #}
{% macro _print_table(headers, rows) -%}
    {%- set widths = [] -%}
    {%- for header in headers -%}
        {%- set column = rows | map(attribute=loop.index0) | map('string')
            | map('length') | list -%}
        {%- do widths.append((column + [header | length]) | max) -%}
    {%- endfor -%}
    {%- for row in [headers] + rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- set pattern = '%' ~ ('' if cell is number else '-')
                ~ widths[loop.index0] ~ 's' -%}
            {%- do cells.append(pattern | format(cell)) -%}
        {%- endfor -%}
        {%- do print('  ' ~ (cells | join('  ')).rstrip()) -%}
    {%- endfor -%}
{%- endmacro %}
