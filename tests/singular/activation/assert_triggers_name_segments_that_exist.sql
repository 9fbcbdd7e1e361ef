{{ config(severity='warn') }}
-- A trigger that waits for a move from or to nowhere is legal, but never set off.
with

triggers as (
    select * from {{ ref('trigger_moves') }}
),

segments as (
    select distinct
        segmentation,
        segment
    from {{ ref('segment_definitions') }}
    where is_current
),

segmentations as (
    select distinct segmentation
    from segments
),

named as (
    select
        trigger_name,
        segmentation,
        from_segment as segment
    from triggers
    {{ set_operator('union') }}
    select
        trigger_name,
        segmentation,
        to_segment as segment
    from triggers
)

select
    named.trigger_name,
    named.segmentation,
    named.segment,
    case
        when segmentations.segmentation is null
            then 'no such segmentation, or switched off'
        else 'no such segment'
    end as finding
from named
left join segmentations
    on named.segmentation = segmentations.segmentation
left join segments
    on
        named.segmentation = segments.segmentation
        and named.segment = segments.segment
where
    segmentations.segmentation is null
    or (
        segments.segment is null
        and named.segment not in ('*', '(none)')
    )
order by
    named.trigger_name asc,
    named.segmentation asc,
    named.segment asc
