-- Every segment that somebody has is defined, under the hash that its rows carry.
select
    memberships.segmentation,
    memberships.segment,
    memberships.rule_hash
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
