{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}
{%- set context_columns = [
    'platform', 'device_type', 'os', 'browser', 'app_version', 'country', 'city',
] -%}
with

events as (
    select * from {{ ref('int_events') }}
    where {{ only_touched_days() }}
),

sessions as (
    select
        identity_id,
        count(*) as session_count,
        activity_date
    from {{ ref('int_sessions') }}
    where {{ only_touched_days() }}
    group by
        identity_id,
        activity_date
),

event_days as (
    select
        identity_id,
        {%- for column in context_columns %}
        -- Empty text tells nothing of where somebody was.
        {{ latest(
            'case when is_activity then nullif(' ~ column ~ ", '') end",
            ['occurred_at', 'event_id'],
        ) }} as last_{{ column }},
        max(case when is_activity and {{ column }} <> '' then occurred_at end)
            as last_{{ column }}_at,
        {%- endfor %}
        count(*) as event_count,
        count(case when is_activity then 1 end) as activity_event_count,
        count(case when event_group = 'purchase' then 1 end) as purchase_count,
        count(case when event_group = 'purchase' and is_discounted then 1 end)
            as discounted_purchase_count,
        sum(case when event_group = 'purchase' then revenue end) as purchase_revenue,
        sum(case when event_group in ('purchase', 'refund') then revenue end)
            as revenue,
        count(case when event_group = 'product_view' then 1 end) as product_view_count,
        count(case when event_group = 'cart_add' then 1 end) as cart_add_count,
        count(case when event_group = 'login' then 1 end) as login_count,
        activity_date
    from events
    group by
        identity_id,
        activity_date
)

select
    event_days.identity_id,
    {%- for column in context_columns %}
    event_days.last_{{ column }},
    {%- endfor %}
    event_days.event_count,
    event_days.activity_event_count,
    coalesce(sessions.session_count, 0) as session_count,
    event_days.purchase_count,
    event_days.discounted_purchase_count,
    event_days.purchase_revenue,
    event_days.revenue,
    event_days.product_view_count,
    event_days.cart_add_count,
    event_days.login_count,
    event_days.activity_date
    {%- for column in context_columns -%}
    ,
    event_days.last_{{ column }}_at
    {%- endfor %}
from event_days
left join sessions
    on
        event_days.identity_id = sessions.identity_id
        and event_days.activity_date = sessions.activity_date
