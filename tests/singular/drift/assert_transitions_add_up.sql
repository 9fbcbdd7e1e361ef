-- Of an exclusive segmentation, the moves into a segment and from it are its sizes, on
-- each date up to D. Where a segment was renamed, moves and sizes of one date may have
-- names of different times.
with

-- Those that never were overlapping: dates may be older than the definition of now.
exclusive_segmentations as (
    select segmentation
    from {{ ref('segment_definitions') }}
    group by segmentation
    having
        min(assignment) = 'exclusive'
        and max(assignment) = 'exclusive'
),

renamed_segmentations as (
    select distinct segmentation
    from {{ ref('segment_names') }}
    where segment <> last_segment
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

sizes as (
    select
        sizes.as_of_date,
        sizes.segmentation,
        sizes.segment,
        sizes.user_count,
        sizes.previous_user_count
    from {{ ref('segment_sizes') }} as sizes
    inner join exclusive_segmentations
        on sizes.segmentation = exclusive_segmentations.segmentation
    inner join current_dates
        on sizes.as_of_date <= current_dates.as_of_date
    left join renamed_segmentations
        on sizes.segmentation = renamed_segmentations.segmentation
    where
        sizes.previous_as_of_date is not null
        and renamed_segmentations.segmentation is null
),

arrivals as (
    select
        as_of_date,
        segmentation,
        to_segment as segment,
        sum(user_count) as user_count
    from {{ ref('segment_transitions') }}
    group by
        as_of_date,
        segmentation,
        to_segment
),

departures as (
    select
        as_of_date,
        segmentation,
        from_segment as segment,
        sum(user_count) as user_count
    from {{ ref('segment_transitions') }}
    group by
        as_of_date,
        segmentation,
        from_segment
)

select
    sizes.as_of_date,
    sizes.segmentation,
    sizes.segment,
    sizes.user_count,
    arrivals.user_count as arrived_user_count,
    sizes.previous_user_count,
    departures.user_count as departed_user_count
from sizes
left join arrivals
    on
        sizes.as_of_date = arrivals.as_of_date
        and sizes.segmentation = arrivals.segmentation
        and sizes.segment = arrivals.segment
left join departures
    on
        sizes.as_of_date = departures.as_of_date
        and sizes.segmentation = departures.segmentation
        and sizes.segment = departures.segment
where
    sizes.user_count <> coalesce(arrivals.user_count, 0)
    or sizes.previous_user_count <> coalesce(departures.user_count, 0)
