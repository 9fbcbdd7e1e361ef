{#
    One row per key of a JSON object: a select over a relation that adds the columns
    `entry_name` and `entry_value` (the value as JSON text; JSON null is null).

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
        ) as entry_value
    from (
        select
            *,
            unnest(json_keys({{ expression }})) as entry_name
        from {{ relation }}
    ) as entries
{% endmacro %}
