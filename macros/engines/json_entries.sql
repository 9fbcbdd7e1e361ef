{#
    One row per key of a JSON object: a select over a relation that adds the columns
    `entry_name`, `entry_value` (the value as JSON text; JSON null is null) and
    `entry_text` (the same, but of a text what it says, without the quotes).

    Arguments: relation; expression, a readable JSON object as text or null; columns,
    those of the relation to keep.
    Example: {{ json_entries(ref('stg_users'), 'traits', ['user_id', 'updated_at']) }}
#}
{% macro json_entries(relation, expression, columns) -%}
    {{ return(adapter.dispatch('json_entries', 'user_segmentation')(
        relation, expression, columns
    )) }}
{%- endmacro %}

{% macro duckdb__json_entries(relation, expression, columns) %}
    select
        {{ columns | join(', ') }},
        entry_name,
        nullif(
            cast(
                json_extract(
                    {{ expression }},
                    '/' || replace(replace(entry_name, '~', '~0'), '/', '~1')
                ) as varchar
            ),
            'null'
        ) as entry_value,
        json_extract_string(
            {{ expression }},
            '/' || replace(replace(entry_name, '~', '~0'), '/', '~1')
        ) as entry_text
    from (
        select
            *,
            unnest(json_keys({{ expression }})) as entry_name
        from {{ relation }}
    ) as entries
{% endmacro %}

{% macro postgres__json_entries(relation, expression, columns) %}
    select
        {{ columns | join(', ') }},
        entry_name,
        {{ user_segmentation._postgres_json_text('entry_json') }} as entry_value,
        {{ user_segmentation._postgres_entry_text('entry_json') }} as entry_text
    from {{ relation }}
    cross join lateral json_each(cast({{ expression }} as json))
        as entries (entry_name, entry_json)
{% endmacro %}

{% macro _postgres_entry_text(place) -%}
    {{ return(
        "case json_typeof(" ~ place ~ ") when 'string' then " ~ place
        ~ " #>> '{}' else " ~ user_segmentation._postgres_json_text(place) ~ " end"
    ) }}
{%- endmacro %}

{% macro spark__json_entries(relation, expression, columns) %}
    select
        {{ columns | join(', ') }},
        entry_name,
        nullif({{ user_segmentation._variant_json('entry') }}, 'null') as entry_value,
        {{ user_segmentation._variant_text('entry') }} as entry_text
    from (
        select
            *,
            explode(
                from_json({{ expression }}, 'map<string, variant>')
            ) as (entry_name, entry)
        from {{ relation }}
    ) as entries
{% endmacro %}

{% macro snowflake__json_entries(relation, expression, columns) %}
    select
        {{ columns | join(', ') }},
        entries.key as entry_name,
        nullif(to_json(entries.value), 'null') as entry_value,
        cast(entries.value as varchar) as entry_text
    from {{ relation }}
    cross join lateral flatten(input => parse_json({{ expression }})) as entries
{% endmacro %}

{# A key with more than letters, digits and underscores comes in quotes. #}
{% macro bigquery__json_entries(relation, expression, columns) %}
    select
        {{ columns | join(', ') }},
        entry_name,
        nullif(to_json_string(object[entry_name]), 'null') as entry_value,
        nullif(
            {{ user_segmentation._bigquery_entry_text('object[entry_name]') }}, 'null'
        ) as entry_text
    from (
        select
            *,
            case
                when starts_with(entry_key, '"')
                    then substr(entry_key, 2, length(entry_key) - 2)
                else entry_key
            end as entry_name
        from (
            select
                *,
                {{ user_segmentation._bigquery_json(expression) }} as object
            from {{ relation }}
        ) as objects
        cross join unnest(json_keys(object, 1)) as entry_key
    ) as entries
{% endmacro %}
