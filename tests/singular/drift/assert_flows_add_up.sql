-- Size today is size before plus who entered minus who left, for each segment and date.
select
    as_of_date,
    segmentation,
    segment,
    previous_user_count,
    entered_user_count,
    left_user_count,
    user_count
from {{ ref('segment_sizes') }}
where
    user_count
    <> coalesce(previous_user_count, 0) + entered_user_count - left_user_count
