{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_pairs'},
) }}
with

-- Who was in what is known of the dates that are kept; pairs of others stay as they
-- are.
kept_dates as (
    select as_of_date from {{ ref('int_as_of_dates') }}
),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where
        as_of_date in (select kept_dates.as_of_date from kept_dates)
        and {{ only_due_snapshots() }}
),

-- Numbers are compared and grouped several times as fast as names.
segment_numbers as (
    select
        segmentation,
        segment,
        row_number() over (order by segmentation asc, segment asc) as segment_number
    from sizes
    group by
        segmentation,
        segment
),

memberships as (
    select
        memberships.as_of_date,
        memberships.user_id,
        segment_numbers.segment_number
    from {{ ref('segment_memberships') }} as memberships
    inner join segment_numbers
        on
            memberships.segmentation = segment_numbers.segmentation
            and memberships.segment = segment_numbers.segment
    where {{ only_due_snapshots(column='memberships.as_of_date') }}
),

intersections as (
    select
        a.as_of_date,
        a.segment_number as segment_number_a,
        b.segment_number as segment_number_b,
        count(*) as both_user_count
    from memberships as a
    inner join memberships as b
        on
            a.as_of_date = b.as_of_date
            and a.user_id = b.user_id
            and a.segment_number < b.segment_number
    group by
        a.as_of_date,
        a.segment_number,
        b.segment_number
),

numbered_sizes as (
    select
        sizes.*,
        segment_numbers.segment_number
    from sizes
    inner join segment_numbers
        on
            sizes.segmentation = segment_numbers.segmentation
            and sizes.segment = segment_numbers.segment
),

-- Every pair once, also pairs that nobody shares.
pairs as (
    select
        a.as_of_date,
        a.segmentation as segmentation_a,
        a.segment as segment_a,
        b.segmentation as segmentation_b,
        b.segment as segment_b,
        a.segment_number as segment_number_a,
        b.segment_number as segment_number_b,
        a.user_count as user_count_a,
        b.user_count as user_count_b,
        a.population_user_count,
        a.is_current,
        a.is_provisional
    from numbered_sizes as a
    inner join numbered_sizes as b
        on
            a.as_of_date = b.as_of_date
            and a.segment_number < b.segment_number
),

counted as (
    select
        pairs.*,
        cast(coalesce(intersections.both_user_count, 0) as {{ type_double() }})
            as both_user_count
    from pairs
    left join intersections
        on
            pairs.as_of_date = intersections.as_of_date
            and pairs.segment_number_a = intersections.segment_number_a
            and pairs.segment_number_b = intersections.segment_number_b
)

select
    as_of_date,
    segmentation_a,
    segment_a,
    segmentation_b,
    segment_b,
    user_count_a,
    user_count_b,
    cast(both_user_count as bigint) as both_user_count,
    both_user_count / nullif(user_count_a + user_count_b - both_user_count, 0)
        as jaccard_share,
    both_user_count / nullif(user_count_a, 0) as a_in_b_share,
    both_user_count / nullif(user_count_b, 0) as b_in_a_share,
    both_user_count * population_user_count
    / nullif(cast(user_count_a as {{ type_double() }}) * user_count_b, 0) as lift,
    is_current,
    is_provisional
from counted
