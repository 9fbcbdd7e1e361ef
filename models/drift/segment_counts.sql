{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_counts'},
) }}

with

due_snapshots as (
    select
        as_of_dates.is_provisional,
        as_of_dates.as_of_date,
        due_snapshots.segmentation
    from {{ ref('int_due_snapshots') }} as due_snapshots
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on due_snapshots.as_of_date = as_of_dates.as_of_date
),

definitions as (
    select * from {{ ref('segment_definitions') }}
    where is_current
),

populations as (
    select
        as_of_date,
        count(*) as population_user_count
    from {{ ref('user_facts') }}
    where as_of_date in (select due_snapshots.as_of_date from due_snapshots)
    group by as_of_date
),

members as (
    select
        as_of_date,
        segmentation,
        segment,
        count(*) as user_count
    from {{ ref('segment_memberships') }}
    where as_of_date in (select due_snapshots.as_of_date from due_snapshots)
    group by
        as_of_date,
        segmentation,
        segment
)

-- Every defined segment: one that is empty has a row with size 0.
select
    due_snapshots.as_of_date,
    definitions.segmentation,
    definitions.segment,
    definitions.segment_key,
    coalesce(members.user_count, 0) as user_count,
    coalesce(populations.population_user_count, 0) as population_user_count,
    definitions.min_size,
    due_snapshots.is_provisional
from due_snapshots
inner join definitions
    on due_snapshots.segmentation = definitions.segmentation
left join populations
    on due_snapshots.as_of_date = populations.as_of_date
left join members
    on
        due_snapshots.as_of_date = members.as_of_date
        and definitions.segmentation = members.segmentation
        and definitions.segment = members.segment
