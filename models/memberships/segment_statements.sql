{{ config(materialized='view') }}

-- Where definitions know no such name and hash, the name speaks for itself.
select
    memberships.as_of_date,
    memberships.user_id,
    memberships.segmentation,
    memberships.segment,
    coalesce(names.segment_key, memberships.segment) as segment_key,
    memberships.rule_hash
from {{ ref('segment_memberships') }} as memberships
left join {{ ref('segment_names') }} as names
    on
        memberships.segmentation = names.segmentation
        and memberships.segment = names.segment
        and memberships.rule_hash = names.rule_hash
