{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}

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
        and {{ only_touched_days() }}
)

select
    anonymous_id,
    user_id,
    min(position_from_last) = 1 as is_last,
    activity_date
from linking_events
group by
    anonymous_id,
    user_id,
    activity_date
