{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
with

user_identities as (
    select * from {{ ref('int_user_identities') }}
    where {{ only_due_dates() }}
),

event_days as (
    select * from {{ ref('int_event_days') }}
),

identity_users as (
    select distinct
        identity_id,
        user_id
    from user_identities
),

-- Few days are shared. They are looked for once, whatever the number of dates.
shared_days as (
    select
        identity_users.user_id,
        event_days.event_name,
        event_days.activity_date
    from event_days
    inner join identity_users
        on event_days.identity_id = identity_users.identity_id
    group by
        identity_users.user_id,
        event_days.event_name,
        event_days.activity_date
    having count(*) > 1
),

-- Distinct as they are: said here, it keeps an optimizer from joining the dates first.
shared_identity_days as (
    select distinct
        identity_users.user_id,
        identity_users.identity_id,
        event_days.event_name,
        event_days.activity_date
    from event_days
    inner join identity_users
        on event_days.identity_id = identity_users.identity_id
    inner join shared_days
        on
            identity_users.user_id = shared_days.user_id
            and event_days.event_name = shared_days.event_name
            and event_days.activity_date = shared_days.activity_date
)

select
    user_identities.as_of_date,
    user_identities.user_id,
    days.event_name,
    count(*) as identity_count,
    days.activity_date
from shared_identity_days as days
inner join user_identities
    on
        days.identity_id = user_identities.identity_id
        and days.user_id = user_identities.user_id
        and days.activity_date <= user_identities.as_of_date
group by
    user_identities.as_of_date,
    user_identities.user_id,
    days.event_name,
    days.activity_date
having count(*) > 1
