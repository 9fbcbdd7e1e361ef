-- Of a user and a segment intervals follow one another: each ends on a later date than
-- it begins, only the last one has no end, and the next begins after it, since one that
-- began on the day of its end would be the same. Every change is in one of them.
with

intervals as (
    select
        user_id,
        segmentation,
        segment_key,
        is_current,
        valid_from_date,
        valid_to_date,
        lead(valid_from_date) over (
            partition by user_id, segmentation, segment_key
            order by valid_from_date
        ) as next_valid_from_date
    from {{ ref('segment_membership_intervals') }}
),

ends as (
    select
        user_id,
        segmentation,
        segment_key,
        'entered' as change,
        valid_from_date as as_of_date
    from intervals
    union all
    select
        user_id,
        segmentation,
        segment_key,
        'left' as change,
        valid_to_date as as_of_date
    from intervals
    where valid_to_date is not null
)

select
    user_id,
    segmentation,
    segment_key,
    'overlap or gap' as finding,
    valid_from_date as as_of_date
from intervals
where
    valid_to_date <= valid_from_date
    or next_valid_from_date <= valid_to_date
    or (next_valid_from_date is not null and valid_to_date is null)
    or is_current <> (valid_to_date is null)
union all
select
    changes.user_id,
    changes.segmentation,
    changes.segment_key,
    'change in no interval' as finding,
    changes.as_of_date
from {{ ref('segment_membership_changes') }} as changes
left join ends
    on
        changes.user_id = ends.user_id
        and changes.segmentation = ends.segmentation
        and changes.segment_key = ends.segment_key
        and changes.change = ends.change
        and changes.as_of_date = ends.as_of_date
where ends.user_id is null
