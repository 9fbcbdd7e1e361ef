{{ config(materialized=view_unless_spark()) }}

with

segmentations as (
    select segmentation
    from {{ ref('segment_counts') }}
    group by segmentation
),

thresholds as (
    select * from {{ ref('drift_thresholds') }}
),

-- A segmentation's own line goes before that of all, also where it says never.
ranked as (
    select
        segmentations.segmentation,
        thresholds.metric,
        thresholds.warn_from,
        thresholds.alert_from,
        row_number() over (
            partition by segmentations.segmentation, thresholds.metric
            order by case when thresholds.segmentation = '*' then 2 else 1 end
        ) as precedence
    from segmentations
    inner join thresholds
        on thresholds.segmentation in ('*', segmentations.segmentation)
)

select
    segmentation,
    metric,
    warn_from,
    alert_from
from ranked
where precedence = 1
