{{ config(materialized='view') }}

select
    user_identities.as_of_date,
    user_identities.user_id,
    events.event_id,
    events.event_name,
    events.user_id as event_user_id,
    events.anonymous_id,
    events.platform,
    events.device_type,
    events.os,
    events.browser,
    events.app_version,
    events.country,
    events.city,
    events.campaign_id,
    events.properties,
    events.revenue,
    events.quantity,
    {{ dbt.datediff('events.activity_date', 'user_identities.as_of_date', 'day') }}
        as days_ago,
    events.activity_date,
    events.occurred_at
from {{ ref('int_events') }} as events
inner join {{ ref('int_user_identities') }} as user_identities
    on
        events.identity_id = user_identities.identity_id
        and events.activity_date <= user_identities.as_of_date
