{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}

with

-- A session ends with the day, so that each day is computed by itself. Events of one
-- instant are in one session, so that their order does not matter.
events as (
    select * from {{ ref('int_events') }}
    where
        is_activity
        and {{ only_touched_days() }}
),

gaps as (
    select
        *,
        lag(occurred_at) over (
            partition by identity_id, activity_date
            order by occurred_at
        ) as previous_occurred_at
    from events
),

numbered as (
    select
        *,
        sum(
            case
                when previous_occurred_at is null then 1
                when
                    {{ dbt.datediff('previous_occurred_at', 'occurred_at', 'second') }}
                    > {{ var('session_gap_minutes', 30) }} * 60
                    then 1
                else 0
            end
        ) over (
            partition by identity_id, activity_date
            order by occurred_at
            range between unbounded preceding and current row
        ) as session_number
    from gaps
)

select
    identity_id,
    cast(session_number as bigint) as session_number,
    min(platform) as platform,
    min(device_type) as device_type,
    count(*) as event_count,
    count(case when event_group = 'purchase' then 1 end) as purchase_count,
    coalesce(sum(case when event_group in ('purchase', 'refund') then revenue end), 0)
        as revenue,
    activity_date,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at
from numbered
group by
    identity_id,
    activity_date,
    session_number
