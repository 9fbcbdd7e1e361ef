with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
),

-- Each membership beside the date after it, on which the user may not have it any more.
followed as (
    select
        memberships.as_of_date,
        memberships.user_id,
        memberships.segmentation,
        memberships.segment,
        next_dates.as_of_date as next_as_of_date
    from memberships
    left join as_of_dates as next_dates
        on memberships.as_of_date = next_dates.previous_as_of_date
),

entered as (
    select
        memberships.as_of_date,
        memberships.user_id,
        memberships.segmentation,
        memberships.segment,
        'entered' as change
    from memberships
    left join followed as before
        on
            memberships.as_of_date = before.next_as_of_date
            and memberships.user_id = before.user_id
            and memberships.segmentation = before.segmentation
            and memberships.segment = before.segment
    where before.user_id is null
),

left_behind as (
    select
        followed.next_as_of_date as as_of_date,
        followed.user_id,
        followed.segmentation,
        followed.segment,
        'left' as change
    from followed
    left join memberships
        on
            followed.next_as_of_date = memberships.as_of_date
            and followed.user_id = memberships.user_id
            and followed.segmentation = memberships.segmentation
            and followed.segment = memberships.segment
    where
        followed.next_as_of_date is not null
        and memberships.user_id is null
),

changes as (
    select * from entered
    union all
    select * from left_behind
)

select
    changes.as_of_date,
    changes.user_id,
    changes.segmentation,
    changes.segment,
    changes.change,
    as_of_dates.previous_as_of_date is null as is_first_date,
    as_of_dates.is_provisional
from changes
inner join as_of_dates
    on changes.as_of_date = as_of_dates.as_of_date
