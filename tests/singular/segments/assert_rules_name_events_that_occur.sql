{{ config(severity='warn') }}
{#- A rule on an event that never happened is legal, but most such rules are typing
    errors. The references make the edges in dbt's graph, which reading the rules does
    not. -#}
{%- for name in var('segmentations', []) %}
-- depends_on: {{ ref('seg_' ~ name) }}
{%- endfor %}
with

event_names as (
    select distinct event_name
    from {{ ref('int_event_days') }}
),

named as (
    {%- for row in names_in_rules() if row.kind == 'event' %}
    select
        {{ text_literal(row.segmentation) }} as segmentation,
        {{ text_literal(row.segment or '(population)') }} as segment,
        {{ text_literal(row.name) }} as named_event
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as named_event
    where false
)

select
    named.segmentation,
    named.segment,
    named.named_event
from named
left join event_names
    on
        named.named_event = event_names.event_name
        or (
            right(named.named_event, 1) = '*'
            and left(event_names.event_name, length(named.named_event) - 1)
            = left(named.named_event, length(named.named_event) - 1)
        )
where event_names.event_name is null
