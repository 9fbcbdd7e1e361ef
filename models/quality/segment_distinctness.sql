{{ config(materialized='view') }}
{%- set least_user_count = var('least_judged_user_count', 100) -%}
with

kpis as (
    select * from {{ ref('segment_kpis') }}
),

-- A segment against everyone who is not in it.
compared as (
    select
        as_of_date,
        segmentation,
        segment,
        kpi,
        user_count,
        everyone_user_count - user_count as other_user_count,
        user_average,
        (everyone_value_sum - value_sum) / nullif(everyone_user_count - user_count, 0)
            as other_average,
        everyone_user_count,
        everyone_square_sum
        - everyone_value_sum * everyone_value_sum / everyone_user_count as square_sum,
        outcome_until_date
    from kpis
),

-- Were segments given out by chance, the difference of averages would have the variance
-- by which z_score divides: so says the test that draws the segments anew.
measured as (
    select
        as_of_date,
        segmentation,
        segment,
        kpi,
        user_count,
        other_user_count,
        user_average,
        other_average,
        user_average - other_average as difference,
        (user_average - other_average)
        / nullif(sqrt(square_sum / nullif(everyone_user_count - 1, 0)), 0)
            as effect_size,
        (user_average - other_average) / nullif(
            sqrt(
                square_sum / nullif(everyone_user_count - 1, 0)
                * everyone_user_count
                / nullif(cast(user_count as {{ type_double() }}) * other_user_count, 0)
            ),
            0
        ) as z_score,
        user_count >= {{ least_user_count }}
        and other_user_count >= {{ least_user_count }} as is_judged,
        outcome_until_date
    from compared
),

tested as (
    select
        measured.*,
        case when measured.is_judged then {{ normal_p_value('z_score') }} end as p_value
    from measured
),

corrected as (
    {{ holm_correction('tested', 'p_value', ['as_of_date'], [
        'segmentation', 'segment', 'kpi',
    ]) }}
)

select
    as_of_date,
    segmentation,
    segment,
    kpi,
    user_count,
    other_user_count,
    user_average,
    other_average,
    difference,
    effect_size,
    z_score,
    p_value,
    corrected_p_value,
    is_judged,
    outcome_until_date
from corrected
