{{ config(severity='warn') }}
{#- A rule on a property or trait that nobody ever had is legal, but most such rules are
    typing errors. The references make the edges in dbt's graph, which reading the rules
    does not. -#}
{%- set named = names_in_rules() | rejectattr('kind', 'eq', 'event') | list -%}
{%- set properties = named | selectattr('kind', 'eq', 'property')
    | map(attribute='name') | unique | list -%}
{%- set traits = named | selectattr('kind', 'eq', 'trait')
    | map(attribute='name') | unique | list -%}
{%- for name in var('segmentations', []) %}
-- depends_on: {{ ref('seg_' ~ name) }}
{%- endfor %}
with

property_names as (
    {{ occurring_names_sql(ref('int_events'), 'properties', properties) }}
),

trait_names as (
    {{ occurring_names_sql(ref('stg_user_deliveries'), 'traits', traits) }}
),

occurring as (
    select
        'property' as kind,
        name
    from property_names
    union all
    select
        'trait' as kind,
        name
    from trait_names
),

named as (
    {%- for row in named %}
    select
        {{ text_literal(row.segmentation) }} as segmentation,
        {{ text_literal(row.segment or '(population)') }} as segment,
        {{ text_literal(row.kind) }} as kind,
        {{ text_literal(row.name) }} as name
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as kind,
        cast(null as {{ dbt.type_string() }}) as name
    where false
)

select
    named.segmentation,
    named.segment,
    named.kind,
    named.name
from named
left join occurring
    on
        named.kind = occurring.kind
        and named.name = occurring.name
where occurring.name is null
