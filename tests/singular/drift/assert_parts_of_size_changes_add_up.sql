-- The size before and the parts of its change are the size, for each segment and date,
-- and up to D both sizes are those that are told elsewhere.
with

changes as (
    select * from {{ ref('segment_size_changes') }}
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

sizes as (
    select
        sizes.as_of_date,
        sizes.segmentation,
        sizes.segment,
        sizes.previous_user_count,
        sizes.user_count
    from {{ ref('segment_sizes') }} as sizes
    inner join current_dates
        on sizes.as_of_date <= current_dates.as_of_date
    where sizes.previous_as_of_date is not null
)

select
    coalesce(changes.as_of_date, sizes.as_of_date) as as_of_date,
    coalesce(changes.segmentation, sizes.segmentation) as segmentation,
    coalesce(changes.segment, sizes.segment) as segment,
    changes.previous_user_count,
    changes.rule_change_user_count,
    changes.new_user_count,
    changes.lost_user_count,
    changes.late_data_user_count,
    changes.movement_user_count,
    changes.user_count,
    sizes.previous_user_count as told_previous_user_count,
    sizes.user_count as told_user_count
from changes
full join sizes
    on
        changes.as_of_date = sizes.as_of_date
        and changes.segmentation = sizes.segmentation
        and changes.segment = sizes.segment
where
    changes.as_of_date is null
    or changes.user_count
    <> changes.previous_user_count
    + changes.rule_change_user_count
    + changes.new_user_count
    + changes.lost_user_count
    + changes.late_data_user_count
    + changes.movement_user_count
    or changes.user_count <> sizes.user_count
    or changes.previous_user_count <> sizes.previous_user_count
