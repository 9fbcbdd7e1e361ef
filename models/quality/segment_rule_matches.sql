{{ config(materialized='view') }}

with

definitions as (
    select
        segmentation,
        segment,
        position
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
        and rule_json is not null
        and not is_otherwise
),

sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count
    from {{ ref('segment_sizes') }}
    where is_current
),

shadowed as (
    select
        segmentation,
        segment,
        winning_segment,
        count(*) as user_count
    from {{ ref('shadowed_memberships') }}
    group by
        segmentation,
        segment,
        winning_segment
),

shadowed_totals as (
    select
        segmentation,
        segment,
        sum(user_count) as user_count
    from shadowed
    group by
        segmentation,
        segment
),

largest_winners as (
    select
        segmentation,
        segment,
        winning_segment,
        row_number() over (
            partition by segmentation, segment
            order by user_count desc, winning_segment asc
        ) as winner_rank
    from shadowed
)

select
    sizes.as_of_date,
    definitions.segmentation,
    definitions.segment,
    largest_winners.winning_segment as most_frequent_winner,
    definitions.position,
    sizes.user_count,
    cast(coalesce(shadowed_totals.user_count, 0) as bigint) as shadowed_user_count,
    sizes.user_count = 0
    and coalesce(shadowed_totals.user_count, 0) > 0 as is_always_shadowed
from definitions
inner join sizes
    on
        definitions.segmentation = sizes.segmentation
        and definitions.segment = sizes.segment
left join shadowed_totals
    on
        definitions.segmentation = shadowed_totals.segmentation
        and definitions.segment = shadowed_totals.segment
left join largest_winners
    on
        definitions.segmentation = largest_winners.segmentation
        and definitions.segment = largest_winners.segment
        and largest_winners.winner_rank = 1
