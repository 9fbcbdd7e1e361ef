-- A segmentation that calls itself exclusive gives no user two segments on one date. Rows
-- of a date when it was overlapping do not count.
with

exclusive_rules as (
    select
        segmentation,
        segment,
        rule_hash
    from {{ ref('segment_definitions') }}
    group by
        segmentation,
        segment,
        rule_hash
    having
        min(assignment) = 'exclusive'
        and max(assignment) = 'exclusive'
)

select
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation,
    count(*) as segment_count
from {{ ref('segment_memberships') }} as memberships
inner join exclusive_rules
    on
        memberships.segmentation = exclusive_rules.segmentation
        and memberships.segment = exclusive_rules.segment
        and memberships.rule_hash = exclusive_rules.rule_hash
group by
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation
having count(*) > 1
