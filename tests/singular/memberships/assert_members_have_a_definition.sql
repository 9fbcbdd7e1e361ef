-- Every segment that somebody has is defined, in some version under the hash that its
-- rows carry: those of closed dates have the rules of their time.
select
    memberships.segmentation,
    memberships.segment,
    memberships.rule_hash,
    min(memberships.as_of_date) as first_as_of_date,
    max(memberships.as_of_date) as last_as_of_date
from {{ ref('segment_memberships') }} as memberships
left join {{ ref('segment_definitions') }} as definitions
    on
        memberships.segmentation = definitions.segmentation
        and memberships.segment = definitions.segment
        and memberships.rule_hash = definitions.rule_hash
where definitions.segment is null
group by
    memberships.segmentation,
    memberships.segment,
    memberships.rule_hash
