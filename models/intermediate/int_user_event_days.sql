{{ config(materialized='view') }}
with

event_days as (
    select * from {{ ref('int_event_days') }}
),

user_identities as (
    select * from {{ ref('int_user_identities') }}
),

shared_days as (
    select * from {{ ref('int_shared_event_days') }}
)

select
    user_identities.as_of_date,
    user_identities.user_id,
    event_days.event_name,
    event_days.event_count,
    1 as day_count,
    event_days.revenue,
    event_days.quantity,
    {{ dbt.datediff('event_days.activity_date', 'user_identities.as_of_date', 'day') }}
        as days_ago,
    event_days.activity_date
from event_days
inner join user_identities
    on
        event_days.identity_id = user_identities.identity_id
        and event_days.activity_date <= user_identities.as_of_date
union all
-- A day of several identities is one day of the user. To take back what is counted more
-- than once costs far less than to group all days of all dates by user.
select
    as_of_date,
    user_id,
    event_name,
    0 as event_count,
    cast(1 - identity_count as integer) as day_count,
    null as revenue,
    null as quantity,
    {{ dbt.datediff('activity_date', 'as_of_date', 'day') }} as days_ago,
    activity_date
from shared_days
