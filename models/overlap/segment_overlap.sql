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

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
    where {{ only_due_snapshots() }}
),

intersections as (
    select
        a.as_of_date,
        a.segmentation as segmentation_a,
        a.segment as segment_a,
        b.segmentation as segmentation_b,
        b.segment as segment_b,
        count(*) as both_user_count
    from memberships as a
    inner join memberships as b
        on
            a.as_of_date = b.as_of_date
            and a.user_id = b.user_id
            and (
                a.segmentation < b.segmentation
                or (a.segmentation = b.segmentation and a.segment < b.segment)
            )
    group by
        a.as_of_date,
        a.segmentation,
        a.segment,
        b.segmentation,
        b.segment
),

-- Every pair once, also pairs that nobody shares.
pairs as (
    select
        a.as_of_date,
        a.segmentation as segmentation_a,
        a.segment as segment_a,
        b.segmentation as segmentation_b,
        b.segment as segment_b,
        a.user_count as user_count_a,
        b.user_count as user_count_b,
        a.population_user_count,
        a.is_current,
        a.is_provisional
    from sizes as a
    inner join sizes as b
        on
            a.as_of_date = b.as_of_date
            and (
                a.segmentation < b.segmentation
                or (a.segmentation = b.segmentation and a.segment < b.segment)
            )
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
            and pairs.segmentation_a = intersections.segmentation_a
            and pairs.segment_a = intersections.segment_a
            and pairs.segmentation_b = intersections.segmentation_b
            and pairs.segment_b = intersections.segment_b
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
