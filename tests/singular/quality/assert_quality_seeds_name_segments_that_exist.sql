{{ config(severity='warn') }}
-- A line about a segment that is not there is legal, but says nothing.
with

definitions as (
    select
        segmentation,
        segment
    from {{ ref('segment_definitions') }}
    where is_current
),

named as (
    select
        'segment_size_limits' as seed,
        segmentation,
        segment
    from {{ ref('segment_size_limits') }}
    {{ set_operator('union') }}
    select
        'health_exceptions' as seed,
        segmentation,
        segment
    from {{ ref('health_exceptions') }}
    {{ set_operator('union') }}
    select
        'campaigns' as seed,
        segmentation,
        segment
    from {{ ref('campaigns') }}
    {{ set_operator('union') }}
    select
        'overlap_budgets' as seed,
        segmentation,
        segment
    from {{ ref('overlap_budgets') }}
    {{ set_operator('union') }}
    select
        'overlap_budgets' as seed,
        other_segmentation as segmentation,
        other_segment as segment
    from {{ ref('overlap_budgets') }}
)

-- A star is any segmentation or segment.
select
    named.seed,
    named.segmentation,
    named.segment
from named
left join definitions
    on
        named.segmentation in ('*', definitions.segmentation)
        and named.segment in ('*', definitions.segment)
where definitions.segment is null
