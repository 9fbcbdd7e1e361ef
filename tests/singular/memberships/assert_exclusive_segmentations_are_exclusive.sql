-- A segmentation that calls itself exclusive gives no user two segments on one date.
with

exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
)

select
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation,
    count(*) as segment_count
from {{ ref('segment_memberships') }} as memberships
inner join exclusive_segmentations
    on memberships.segmentation = exclusive_segmentations.segmentation
group by
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation
having count(*) > 1
