-- Size today is the size counted before plus who entered minus who left, for each
-- segment and date up to D. Dates after D, from before it was set back, have another
-- one before.
with

counts as (
    select
        as_of_date,
        segmentation,
        segment,
        segment_key,
        user_count
    from {{ ref('segment_counts') }}
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

sizes as (
    select
        sizes.as_of_date,
        sizes.previous_as_of_date,
        sizes.segmentation,
        sizes.segment,
        counts.segment_key,
        sizes.previous_user_count,
        sizes.entered_user_count,
        sizes.left_user_count,
        sizes.user_count
    from {{ ref('segment_sizes') }} as sizes
    inner join current_dates
        on sizes.as_of_date <= current_dates.as_of_date
    left join counts
        on
            sizes.as_of_date = counts.as_of_date
            and sizes.segmentation = counts.segmentation
            and sizes.segment = counts.segment
)

select
    sizes.as_of_date,
    sizes.segmentation,
    sizes.segment,
    counts.user_count as counted_before_user_count,
    sizes.previous_user_count,
    sizes.entered_user_count,
    sizes.left_user_count,
    sizes.user_count
from sizes
left join counts
    on
        sizes.previous_as_of_date = counts.as_of_date
        and sizes.segmentation = counts.segmentation
        and sizes.segment_key = counts.segment_key
where
    sizes.user_count
    <> coalesce(counts.user_count, 0)
    + sizes.entered_user_count
    - sizes.left_user_count
    or sizes.previous_user_count <> coalesce(counts.user_count, 0)
