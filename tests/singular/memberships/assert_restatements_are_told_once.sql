-- A restatement of an exclusive segmentation is one row per date, user and build, of
-- any other one per segment; what did not change is none.
with

-- Those that never were overlapping: rows may be older than the definition of now.
exclusive_segmentations as (
    select segmentation
    from {{ ref('segment_definitions') }}
    group by segmentation
    having
        min(assignment) = 'exclusive'
        and max(assignment) = 'exclusive'
),

restatements as (
    select
        restatements.as_of_date,
        restatements.user_id,
        restatements.segmentation,
        restatements.build_number,
        case
            when exclusive_segmentations.segmentation is null
                then coalesce(restatements.before_segment, restatements.after_segment)
        end as told_segment,
        case
            when restatements.before_segment = restatements.after_segment then 1
            when restatements.before_segment is not null then 0
            when restatements.after_segment is not null then 0
            else 1
        end as is_no_change
    from {{ ref('membership_restatements') }} as restatements
    left join exclusive_segmentations
        on restatements.segmentation = exclusive_segmentations.segmentation
)

select
    as_of_date,
    user_id,
    segmentation,
    build_number,
    told_segment,
    count(*) as row_count,
    sum(is_no_change) as no_change_row_count
from restatements
group by
    as_of_date,
    user_id,
    segmentation,
    build_number,
    told_segment
having
    count(*) > 1
    or sum(is_no_change) > 0
