{{ config(materialized=view_unless_spark()) }}

with

counts as (
    select * from {{ ref('segment_counts') }}
),

changes as (
    select
        as_of_date,
        segmentation,
        segment_key,
        count(case when change = 'entered' then 1 end) as entered_user_count,
        count(case when change = 'left' then 1 end) as left_user_count
    from {{ ref('segment_membership_changes') }}
    group by
        as_of_date,
        segmentation,
        segment_key
),

counted_dates as (
    select
        segmentation,
        as_of_date,
        lag(as_of_date) over (
            partition by segmentation order by as_of_date
        ) as previous_as_of_date
    from (
        select distinct
            segmentation,
            as_of_date
        from counts
    ) as dates
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

compared as (
    select
        counts.*,
        counted_dates.previous_as_of_date,
        coalesce(changes.entered_user_count, 0) as entered_user_count,
        coalesce(changes.left_user_count, 0) as left_user_count
    from counts
    inner join counted_dates
        on
            counts.segmentation = counted_dates.segmentation
            and counts.as_of_date = counted_dates.as_of_date
    left join changes
        on
            counts.as_of_date = changes.as_of_date
            and counts.segmentation = changes.segmentation
            and counts.segment_key = changes.segment_key
)

select
    compared.as_of_date,
    compared.previous_as_of_date,
    compared.segmentation,
    compared.segment,
    compared.user_count,
    compared.population_user_count,
    compared.user_count
    / nullif(cast(compared.population_user_count as {{ type_double() }}), 0)
        as population_share,
    case
        when compared.previous_as_of_date is not null
            then
                compared.user_count
                - compared.entered_user_count
                + compared.left_user_count
    end as previous_user_count,
    compared.entered_user_count,
    compared.left_user_count,
    compared.min_size,
    coalesce(compared.user_count < compared.min_size, false) as is_below_min_size,
    current_dates.as_of_date is not null as is_current,
    compared.is_provisional
from compared
left join current_dates
    on compared.as_of_date = current_dates.as_of_date
