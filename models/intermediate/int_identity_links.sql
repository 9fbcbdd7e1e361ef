with

linking_events as (
    select
        anonymous_id,
        user_id,
        activity_date,
        row_number() over (
            partition by anonymous_id, activity_date
            order by occurred_at desc, event_id desc
        ) as position_from_last
    from {{ ref('int_events') }}
    where
        anonymous_id is not null
        and user_id is not null
)

-- Last known link: from each day with a login on, the user seen last that day.
select
    anonymous_id,
    user_id,
    activity_date as valid_from_date,
    lead(activity_date) over (
        partition by anonymous_id
        order by activity_date
    ) as valid_to_date
from linking_events
where position_from_last = 1
