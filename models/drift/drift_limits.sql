{{ config(materialized='view') }}

with

segmentations as (
    select segmentation
    from {{ ref('segment_counts') }}
    group by segmentation
),

thresholds as (
    select * from {{ ref('drift_thresholds') }}
)

-- A segmentation's own line goes before that of all.
select
    segmentations.segmentation,
    thresholds.metric,
    coalesce(max(own.warn_from), max(thresholds.warn_from)) as warn_from,
    coalesce(max(own.alert_from), max(thresholds.alert_from)) as alert_from
from segmentations
inner join thresholds
    on thresholds.segmentation in ('*', segmentations.segmentation)
left join thresholds as own
    on
        segmentations.segmentation = own.segmentation
        and thresholds.metric = own.metric
group by
    segmentations.segmentation,
    thresholds.metric
