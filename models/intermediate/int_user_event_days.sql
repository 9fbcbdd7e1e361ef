{{ config(materialized='view') }}

select
    user_identities.as_of_date,
    user_identities.user_id,
    event_days.identity_id,
    event_days.event_name,
    event_days.event_count,
    event_days.revenue,
    event_days.quantity,
    {{ dbt.datediff('event_days.activity_date', 'user_identities.as_of_date', 'day') }}
        as days_ago,
    event_days.activity_date
from {{ ref('int_event_days') }} as event_days
inner join {{ ref('int_user_identities') }} as user_identities
    on
        event_days.identity_id = user_identities.identity_id
        and event_days.activity_date <= user_identities.as_of_date
