{#
    SQL condition on the rows of a table of deliveries: the raw row that it was read
    from no longer stands, since its file was written anew or removed, or since the raw
    relation has other rows of that event or user.

    Arguments: table, 'events' or 'users'; changes, from raw_file_changes.
    Example: where {{ withdrawn_deliveries('events', changes) }}
#}
{% macro withdrawn_deliveries(table, changes) -%}
    {%- if not user_segmentation._reads_raw_files() -%}
        {{ return(user_segmentation._differs_from_raw_relation(table)) }}
    {%- endif -%}
    {%- set names = changes.rewritten -%}
    {%- if var('missing_files', 'error') == 'forget' -%}
        {%- set names = names + changes.missing -%}
    {%- endif -%}
    {%- if not names -%}
        {{ return('false') }}
    {%- endif -%}
    {{ return(
        'source_file in (' ~ user_segmentation.text_literals(names) | join(', ') ~ ')'
    ) }}
{%- endmacro %}

{#
    The keys of which a raw relation has other rows than were read: of events by their
    number, since an event never changes, of users by all that they say.
#}
{% macro _differs_from_raw_relation(table) -%}
    {%- set key = 'event_id' if table == 'events' else 'user_id' -%}
    {%- set state = 'count(*)' if table == 'events'
        else user_segmentation.text_list('row_hash', "','", 'row_hash') -%}
    coalesce({{ key }}, '') in (
        select coalesce(found.row_key, known.row_key) as row_key
        from (
            select
                coalesce({{ key }}, '') as row_key,
                {{ state }} as state
            from {{ user_segmentation._raw_relation_rows(
                table, source('raw', table)
            ) }} as raw_relation
            group by coalesce({{ key }}, '')
        ) as found
        full join (
            select
                coalesce({{ key }}, '') as row_key,
                {{ state }} as state
            from {{ this }}
            where not is_withdrawn
            group by coalesce({{ key }}, '')
        ) as known
            on found.row_key = known.row_key
        where
            found.row_key is null
            or known.row_key is null
            or found.state <> known.state
    )
{%- endmacro %}
