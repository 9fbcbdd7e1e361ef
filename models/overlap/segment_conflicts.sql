{{ config(materialized='view') }}

with

declared as (
    {{ declared_conflicts_sql() }}
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

memberships as (
    select
        memberships.as_of_date,
        memberships.user_id,
        memberships.segmentation,
        memberships.segment
    from {{ ref('segment_memberships') }} as memberships
    inner join current_dates
        on memberships.as_of_date = current_dates.as_of_date
)

select
    memberships.as_of_date,
    memberships.user_id,
    declared.segmentation,
    declared.segment,
    declared.other_segmentation,
    declared.other_segment,
    count(*) over (
        partition by
            declared.segmentation,
            declared.segment,
            declared.other_segmentation,
            declared.other_segment
    ) as conflict_user_count
from declared
inner join memberships
    on
        declared.segmentation = memberships.segmentation
        and declared.segment = memberships.segment
inner join memberships as other_memberships
    on
        declared.other_segmentation = other_memberships.segmentation
        and declared.other_segment = other_memberships.segment
        and memberships.user_id = other_memberships.user_id
