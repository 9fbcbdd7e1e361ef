{{ config(materialized='view') }}

with

overlapping_segmentations as (
    select segmentation
    from {{ ref('segment_definitions') }}
    group by segmentation
    having
        max(case when is_current then assignment end) = 'overlapping'
        or (
            -- Switched off: what it was.
            max(case when is_current then assignment end) is null
            and max(assignment) = 'overlapping'
        )
),

-- Where a user can be in several segments at once, each change is a move of its own.
changes as (
    select
        changes.*,
        case
            when overlapping_segmentations.segmentation is not null
                then changes.segment_key
            else ''
        end as move_key
    from {{ ref('segment_membership_changes') }} as changes
    left join overlapping_segmentations
        on changes.segmentation = overlapping_segmentations.segmentation
    where not changes.is_first_date
)

select
    as_of_date,
    user_id,
    segmentation,
    coalesce(max(case when change = 'left' then segment end), '(none)')
        as from_segment,
    coalesce(max(case when change = 'entered' then segment end), '(none)')
        as to_segment,
    is_provisional
from changes
group by
    as_of_date,
    user_id,
    segmentation,
    move_key,
    is_provisional
