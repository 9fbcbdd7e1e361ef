{{ config(materialized='view') }}

with

sessions as (
    select * from {{ ref('int_sessions') }}
),

-- Who had the session, as known on the current date.
user_identities as (
    select user_identities.*
    from {{ ref('int_user_identities') }} as user_identities
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on user_identities.as_of_date = as_of_dates.as_of_date
    where as_of_dates.is_current
)

select
    sessions.identity_id,
    sessions.session_number,
    user_identities.user_id,
    sessions.platform,
    sessions.device_type,
    sessions.event_count,
    sessions.purchase_count,
    cast(sessions.revenue as decimal(18, 4)) as revenue,
    sessions.activity_date as session_date,
    sessions.started_at,
    sessions.ended_at
from sessions
inner join user_identities
    on sessions.identity_id = user_identities.identity_id
