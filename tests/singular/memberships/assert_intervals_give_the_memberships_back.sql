-- Intervals, opened up at the dates that are kept, are the memberships, each once. One
-- of a segmentation that is switched off has no end and no rows.
with

kept_dates as (
    select as_of_date from {{ ref('int_as_of_dates') }}
),

switched_on as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where is_current
),

from_intervals as (
    select
        kept_dates.as_of_date,
        intervals.user_id,
        intervals.segmentation,
        intervals.segment_key
    from {{ ref('segment_membership_intervals') }} as intervals
    inner join switched_on
        on intervals.segmentation = switched_on.segmentation
    inner join kept_dates
        on
            intervals.valid_from_date <= kept_dates.as_of_date
            and (
                intervals.valid_to_date > kept_dates.as_of_date
                or intervals.valid_to_date is null
            )
),

both_sides as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        1 as interval_count,
        0 as membership_count
    from from_intervals
    union all
    select
        statements.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key,
        0 as interval_count,
        1 as membership_count
    from {{ ref('segment_statements') }} as statements
    inner join kept_dates
        on statements.as_of_date = kept_dates.as_of_date
)

select
    as_of_date,
    user_id,
    segmentation,
    segment_key,
    sum(interval_count) as interval_count,
    sum(membership_count) as membership_count
from both_sides
group by
    as_of_date,
    user_id,
    segmentation,
    segment_key
having
    sum(interval_count) <> 1
    or sum(membership_count) <> 1
