{#
    Stops an operation with an error on one of its arguments.

    Arguments: operation and argument, their names; given; allowed, in words.
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
