-- Intervals, opened up at the snapshot dates, are the memberships: no gap, no overlap.
with

from_intervals as (
    select
        as_of_dates.as_of_date,
        intervals.user_id,
        intervals.segmentation,
        intervals.segment
    from {{ ref('segment_membership_intervals') }} as intervals
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on
            intervals.valid_from_date <= as_of_dates.as_of_date
            and (
                intervals.valid_to_date > as_of_dates.as_of_date
                or intervals.valid_to_date is null
            )
),

both_sides as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment,
        1 as interval_count,
        0 as membership_count
    from from_intervals
    union all
    select
        as_of_date,
        user_id,
        segmentation,
        segment,
        0 as interval_count,
        1 as membership_count
    from {{ ref('segment_memberships') }}
)

select
    as_of_date,
    user_id,
    segmentation,
    segment,
    sum(interval_count) as interval_count,
    sum(membership_count) as membership_count
from both_sides
group by
    as_of_date,
    user_id,
    segmentation,
    segment
having
    sum(interval_count) <> 1
    or sum(membership_count) <> 1
