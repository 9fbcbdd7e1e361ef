{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'newest_date'},
) }}
{#- Rules are stored with the models that they belong to. -#}
-- depends_on: {{ ref('user_facts') }}
-- depends_on: {{ ref('int_user_event_days') }}
-- depends_on: {{ ref('int_user_events') }}
-- depends_on: {{ ref('int_traits_as_of') }}
-- depends_on: {{ ref('int_due_snapshots') }}
-- depends_on: {{ ref('int_as_of_dates') }}
{%- for name in var('segmentations', []) %}
-- depends_on: {{ ref('seg_' ~ name) }}
{%- endfor %}
{%- set due = only_due_current_date() %}

-- Every rule once more for itself, whatever the rules before it say.
with

matches as (
    select
        cast(null as date) as as_of_date,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as segment
    where false
    {%- for name in var('segmentations', [])
        if execute and segmentation_assignment('seg_' ~ name) == 'exclusive' %}
    {%- set matches_sql = segmentation_matches_sql('seg_' ~ name, due) %}
    {%- if matches_sql %}
    union all
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from (
        {{ matches_sql }}
    ) as {{ name }}_matches
    {%- endif %}
    {%- endfor %}
),

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
    where {{ due }}
)

select
    matches.as_of_date,
    matches.user_id,
    matches.segmentation,
    matches.segment,
    memberships.segment as winning_segment
from matches
inner join memberships
    on
        matches.as_of_date = memberships.as_of_date
        and matches.user_id = memberships.user_id
        and matches.segmentation = memberships.segmentation
where matches.segment <> memberships.segment
