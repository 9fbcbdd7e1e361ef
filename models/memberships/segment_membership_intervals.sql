{{ config(materialized='view') }}

with

changes as (
    select * from {{ ref('segment_membership_changes') }}
),

names as (
    select distinct
        segmentation,
        segment_key,
        last_segment
    from {{ ref('segment_names') }}
),

-- Entering and leaving alternate: the change after an entry is the leave that ends it.
ordered as (
    select
        user_id,
        segmentation,
        segment_key,
        change,
        as_of_date as valid_from_date,
        lead(as_of_date) over (
            partition by user_id, segmentation, segment_key
            order by as_of_date
        ) as valid_to_date
    from changes
)

select
    ordered.user_id,
    ordered.segmentation,
    coalesce(names.last_segment, ordered.segment_key) as segment,
    ordered.segment_key,
    ordered.valid_to_date is null as is_current,
    ordered.valid_from_date,
    ordered.valid_to_date
from ordered
left join names
    on
        ordered.segmentation = names.segmentation
        and ordered.segment_key = names.segment_key
where ordered.change = 'entered'
