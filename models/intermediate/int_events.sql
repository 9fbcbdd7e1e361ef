{{ config(materialized='view') }}

with

events as (
    select * from {{ ref('stg_events') }}
),

event_catalog as (
    select * from {{ ref('event_catalog') }}
),

read as (
    select
        events.event_id,
        events.event_name,
        coalesce(event_catalog.event_group, 'other') as event_group,
        -- The raw identity: whom an anonymous id belongs to differs from date to date.
        case
            when events.user_id is not null
                then {{ dbt.concat(["'user:'", "events.user_id"]) }}
            else {{ dbt.concat(["'anonymous:'", "events.anonymous_id"]) }}
        end as identity_id,
        events.user_id,
        events.anonymous_id,
        events.platform,
        events.device_type,
        events.os,
        events.browser,
        events.app_version,
        events.country,
        events.city,
        events.campaign_id,
        {{ json_scalar(
            'events.properties', var('category_property', 'category')
        ) }} as category,
        nullif(event_catalog.channel, '') as channel,
        events.properties,
        events.revenue,
        events.quantity,
        {{ json_scalar(
            'events.properties', var('discount_property', 'discount_amount')
        ) }} as discount_text,
        coalesce(event_catalog.affinity_weight, 0) as affinity_weight,
        -- An event that the catalog does not know is something that the user did.
        coalesce(event_catalog.is_activity, true) as is_activity,
        events.activity_date,
        events.received_date,
        events.occurred_at,
        events.received_at
    from events
    left join event_catalog
        on events.event_name = event_catalog.event_name
)

select
    event_id,
    event_name,
    event_group,
    identity_id,
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
    category,
    channel,
    properties,
    revenue,
    quantity,
    affinity_weight,
    is_activity,
    coalesce({{ read_number('discount_text') }}, 0) > 0 as is_discounted,
    activity_date,
    received_date,
    occurred_at,
    received_at
from read
