with

changes as (
    select * from {{ ref('segment_membership_changes') }}
),

-- Entering and leaving alternate: the change after an entry is the leave that ends it.
ordered as (
    select
        user_id,
        segmentation,
        segment,
        change,
        as_of_date as valid_from_date,
        lead(as_of_date) over (
            partition by user_id, segmentation, segment
            order by as_of_date
        ) as valid_to_date
    from changes
)

select
    user_id,
    segmentation,
    segment,
    valid_to_date is null as is_current,
    valid_from_date,
    valid_to_date
from ordered
where change = 'entered'
