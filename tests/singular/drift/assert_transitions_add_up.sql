-- Of an exclusive segmentation, the moves into a segment and from it are its sizes.
with

sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count,
        previous_user_count
    from {{ ref('segment_sizes') }}
    where
        previous_as_of_date is not null
        and segmentation in (
            select definitions.segmentation
            from {{ ref('segment_definitions') }} as definitions
            where
                definitions.is_current
                and definitions.assignment = 'exclusive'
        )
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
