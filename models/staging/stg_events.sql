{{ config(materialized='view') }}

select
    event_id,
    event_name,
    user_id,
    anonymous_id,
    platform,
    device_type,
    os,
    browser,
    app_version,
    country,
    city,
    campaign_id,
    properties,
    revenue,
    quantity,
    activity_date,
    received_date,
    occurred_at,
    received_at
from {{ ref('stg_event_deliveries') }}
where delivery_number = 1
