{{ config(materialized='view') }}

with

kpis as (
    select * from {{ ref('segment_kpis') }}
),

distinctness as (
    select * from {{ ref('segment_distinctness') }}
),

assignments as (
    select
        segmentation,
        max(assignment) as assignment
    from {{ ref('segment_definitions') }}
    where is_current
    group by segmentation
),

large_segments as (
    select *
    from kpis
    where user_count >= {{ var('least_judged_user_count', 100) }}
),

-- In an exclusive segmentation those in no segment, or in a small one, are one group.
groups as (
    select
        as_of_date,
        segmentation,
        kpi,
        user_count,
        value_sum,
        everyone_user_count,
        everyone_value_sum,
        everyone_square_sum
    from large_segments
    union all
    select
        as_of_date,
        segmentation,
        kpi,
        max(everyone_user_count) - sum(user_count) as user_count,
        max(everyone_value_sum) - sum(value_sum) as value_sum,
        max(everyone_user_count) as everyone_user_count,
        max(everyone_value_sum) as everyone_value_sum,
        max(everyone_square_sum) as everyone_square_sum
    from large_segments
    group by
        as_of_date,
        segmentation,
        kpi
    having max(everyone_user_count) > sum(user_count)
),

-- The share of all differences between users that the segments account for. Rounded:
-- sums of floating numbers differ with the order of adding.
explained as (
    select
        groups.as_of_date,
        groups.segmentation,
        groups.kpi,
        count(*) as group_count,
        max(groups.everyone_user_count) as user_count,
        {{ rounded(
            '(sum(groups.value_sum * groups.value_sum / groups.user_count)'
            ~ ' - max(groups.everyone_value_sum * groups.everyone_value_sum)'
            ~ ' / max(groups.everyone_user_count))'
            ~ ' / nullif(max(groups.everyone_square_sum)'
            ~ ' - max(groups.everyone_value_sum * groups.everyone_value_sum)'
            ~ ' / max(groups.everyone_user_count), 0)', 12
        ) }} as explained_share
    from groups
    inner join assignments
        on groups.segmentation = assignments.segmentation
    where assignments.assignment = 'exclusive'
    group by
        groups.as_of_date,
        groups.segmentation,
        groups.kpi
),

-- Where segments overlap each is held against the rest, and the clearest one speaks.
clearest as (
    select
        distinctness.as_of_date,
        distinctness.segmentation,
        distinctness.kpi,
        max(distinctness.user_count + distinctness.other_user_count) as user_count,
        max(abs(distinctness.z_score)) as z_score,
        min(distinctness.p_value) * count(distinctness.p_value) as p_value
    from distinctness
    inner join assignments
        on distinctness.segmentation = assignments.segmentation
    where assignments.assignment = 'overlapping'
    group by
        distinctness.as_of_date,
        distinctness.segmentation,
        distinctness.kpi
),

measured as (
    select
        as_of_date,
        segmentation,
        kpi,
        user_count,
        sqrt(explained_share) as effect_size,
        {{ chi_square_p_value(
            '(user_count - 1) * explained_share', 'group_count - 1'
        ) }} as p_value
    from explained
    union all
    select
        as_of_date,
        segmentation,
        kpi,
        user_count,
        z_score / nullif(sqrt(user_count - 1), 0) as effect_size,
        least(p_value, 1) as p_value
    from clearest
),

corrected as (
    {{ holm_correction('measured', 'p_value', ['as_of_date'], [
        'segmentation', 'kpi',
    ]) }}
),

ranked as (
    select
        as_of_date,
        segmentation,
        segment,
        kpi,
        user_average,
        outcome_until_date,
        row_number() over (
            partition by as_of_date, segmentation, kpi
            order by user_average desc, segment asc
        ) as rank_from_highest,
        row_number() over (
            partition by as_of_date, segmentation, kpi
            order by user_average asc, segment asc
        ) as rank_from_lowest
    from distinctness
    where is_judged
)

select
    corrected.as_of_date,
    corrected.segmentation,
    corrected.kpi,
    highest.segment as highest_segment,
    lowest.segment as lowest_segment,
    corrected.user_count,
    highest.user_average as highest_average,
    lowest.user_average as lowest_average,
    highest.user_average - lowest.user_average as spread,
    corrected.effect_size,
    corrected.p_value,
    corrected.corrected_p_value,
    highest.outcome_until_date
from corrected
inner join ranked as highest
    on
        corrected.as_of_date = highest.as_of_date
        and corrected.segmentation = highest.segmentation
        and corrected.kpi = highest.kpi
        and highest.rank_from_highest = 1
inner join ranked as lowest
    on
        corrected.as_of_date = lowest.as_of_date
        and corrected.segmentation = lowest.segmentation
        and corrected.kpi = lowest.kpi
        and lowest.rank_from_lowest = 1
        and highest.segment <> lowest.segment
