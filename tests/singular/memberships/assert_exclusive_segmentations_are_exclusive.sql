-- A segmentation that calls itself exclusive gives no user two segments on one date.
-- Rows that were made while it was overlapping do not count.
with

exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
),

overlapping_rules as (
    select distinct
        segmentation,
        rule_hash
    from {{ ref('segment_definitions') }}
    where assignment = 'overlapping'
)

select
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation,
    count(*) as segment_count
from {{ ref('segment_memberships') }} as memberships
inner join exclusive_segmentations
    on memberships.segmentation = exclusive_segmentations.segmentation
left join overlapping_rules
    on
        memberships.segmentation = overlapping_rules.segmentation
        and memberships.rule_hash = overlapping_rules.rule_hash
where overlapping_rules.rule_hash is null
group by
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation
having count(*) > 1
