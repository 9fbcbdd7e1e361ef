-- Segments declared as conflicting (conflicts_with) have no user in common on any date
-- that is computed; what was said of closed dates may be older than the declaration.
with

due_dates as (
    select distinct as_of_date
    from {{ ref('int_due_snapshots') }}
),

declared as (
    {{ declared_conflicts_sql() }}
)

select
    pairs.as_of_date,
    pairs.segmentation_a,
    pairs.segment_a,
    pairs.segmentation_b,
    pairs.segment_b,
    pairs.both_user_count
from {{ ref('segment_overlap') }} as pairs
inner join declared
    on
        (
            pairs.segmentation_a = declared.segmentation
            and pairs.segment_a = declared.segment
            and pairs.segmentation_b = declared.other_segmentation
            and pairs.segment_b = declared.other_segment
        )
        or (
            pairs.segmentation_b = declared.segmentation
            and pairs.segment_b = declared.segment
            and pairs.segmentation_a = declared.other_segmentation
            and pairs.segment_a = declared.other_segment
        )
inner join due_dates
    on pairs.as_of_date = due_dates.as_of_date
where pairs.both_user_count > 0
