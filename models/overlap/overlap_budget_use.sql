{{ config(materialized='view') }}

with

budgets as (
    select * from {{ ref('overlap_budgets') }}
),

pairs as (
    select * from {{ ref('segment_overlap') }}
    where is_current
),

-- Both ways round: a budget limits the share of the segment that it names first.
directed_pairs as (
    select
        as_of_date,
        segmentation_a as segmentation,
        segment_a as segment,
        segmentation_b as other_segmentation,
        segment_b as other_segment,
        user_count_a as user_count,
        both_user_count,
        a_in_b_share as overlap_share
    from pairs
    union all
    select
        as_of_date,
        segmentation_b as segmentation,
        segment_b as segment,
        segmentation_a as other_segmentation,
        segment_a as other_segment,
        user_count_b as user_count,
        both_user_count,
        b_in_a_share as overlap_share
    from pairs
)

select
    directed_pairs.as_of_date,
    directed_pairs.segmentation,
    directed_pairs.segment,
    directed_pairs.other_segmentation,
    directed_pairs.other_segment,
    budgets.comment,
    directed_pairs.user_count,
    directed_pairs.both_user_count,
    directed_pairs.overlap_share,
    budgets.max_share,
    coalesce(directed_pairs.overlap_share > budgets.max_share, false) as is_over_budget
from directed_pairs
inner join budgets
    on
        directed_pairs.segmentation = budgets.segmentation
        and directed_pairs.segment = budgets.segment
        and directed_pairs.other_segmentation = budgets.other_segmentation
        and directed_pairs.other_segment = budgets.other_segment
