{{ config(materialized='view') }}
{%- set control_share = 'cast(' ~ var('control_share', 0.5) ~ ' as '
    ~ type_double() ~ ')' %}

with

sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count,
        population_share
    from {{ ref('segment_sizes') }}
    where is_current
),

conversions as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count,
        user_average,
        everyone_average,
        row_number() over (
            partition by segmentation, segment order by as_of_date desc
        ) as position_from_last,
        row_number() over (order by as_of_date desc, segmentation asc, segment asc)
            as position_from_newest
    from {{ ref('segment_kpis') }}
    where kpi = 'conversion'
),

-- Standard errors between chance and the effect that a test of the given power finds.
quantiles as (
    select
        {{ normal_quantile(1 - var('test_error_rate', 0.05) / 2) }}
        + {{ normal_quantile(var('test_power', 0.8)) }} as distance
),

-- What a small segment did lately tells little of its rate: it takes everyone's.
rates as (
    select
        sizes.*,
        case
            when own.user_count >= {{ var('least_judged_user_count', 100) }}
                then own.user_average
            else everyone.everyone_average
        end as baseline_conversion_rate,
        quantiles.distance / nullif(
            sqrt(sizes.user_count * {{ control_share }} * (1 - {{ control_share }})), 0
        ) as detectable_effect_size
    from sizes
    cross join quantiles
    left join conversions as own
        on
            sizes.segmentation = own.segmentation
            and sizes.segment = own.segment
            and own.position_from_last = 1
    left join conversions as everyone
        on everyone.position_from_newest = 1
)

select
    as_of_date,
    segmentation,
    segment,
    user_count,
    population_share,
    baseline_conversion_rate,
    detectable_effect_size,
    {{ lift_of_effect_size('baseline_conversion_rate', 'detectable_effect_size') }}
        as smallest_detectable_lift
from rates
