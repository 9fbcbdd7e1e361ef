-- Nobody is in a segment on a date on which nobody knew the user.
select
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation,
    memberships.segment
from {{ ref('segment_memberships') }} as memberships
left join {{ ref('user_facts') }} as facts
    on
        memberships.as_of_date = facts.as_of_date
        and memberships.user_id = facts.user_id
where facts.user_id is null
