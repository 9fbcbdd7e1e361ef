{{ config(materialized='view') }}

with

segments as (
    select * from {{ ref('segment_power') }}
),

least_sizes as (
    select
        segmentation,
        segment,
        min_size
    from {{ ref('segment_definitions') }}
    where
        is_current
        and min_size is not null
),

limits as (
    select * from {{ ref('segment_size_limits') }}
),

-- Every limit that names a segment, by itself or by a star, and its own least size.
limited as (
    select
        segments.as_of_date,
        segments.segmentation,
        segments.segment,
        limits.measure,
        limits.comment,
        case limits.measure
            when 'user_count' then cast(segments.user_count as {{ type_double() }})
            when 'population_share' then segments.population_share
            when 'detectable_lift'
                then {{ lift_of_effect_size(
                    'coalesce(limits.baseline_rate, segments.baseline_conversion_rate)',
                    'segments.detectable_effect_size',
                ) }}
        end as value,
        limits.warn_limit,
        limits.error_limit
    from segments
    inner join limits
        on
            limits.segmentation in ('*', segments.segmentation)
            and limits.segment in ('*', segments.segment)
    union all
    select
        segments.as_of_date,
        segments.segmentation,
        segments.segment,
        'user_count' as measure,
        'min_size of the segment' as comment,
        cast(segments.user_count as {{ type_double() }}) as value,
        cast(least_sizes.min_size as {{ type_double() }}) as warn_limit,
        cast(null as {{ type_double() }}) as error_limit
    from segments
    inner join least_sizes
        on
            segments.segmentation = least_sizes.segmentation
            and segments.segment = least_sizes.segment
),

-- Sizes have least limits, lifts greatest ones; a lift that can not be told is beyond
-- any limit.
judged as (
    select
        *,
        case
            when measure = 'detectable_lift'
                then
                    error_limit is not null
                    and coalesce(value > error_limit, true)
            else coalesce(value < error_limit, false)
        end as is_error,
        case
            when measure = 'detectable_lift'
                then
                    warn_limit is not null
                    and coalesce(value > warn_limit, true)
            else coalesce(value < warn_limit, false)
        end as is_warning
    from limited
)

select
    as_of_date,
    segmentation,
    segment,
    measure,
    comment,
    case
        when is_error then 'error'
        when is_warning then 'warn'
        else 'ok'
    end as status,
    value,
    warn_limit,
    error_limit
from judged
