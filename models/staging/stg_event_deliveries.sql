{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'deliveries'},
) }}
{%- set columns = [
    'event_id', 'event_name', 'user_id', 'anonymous_id', 'platform', 'device_type',
    'os', 'browser', 'app_version', 'country', 'city', 'campaign_id', 'properties',
    'source_file', 'source_version', 'rejected_reason', 'raw_row', 'revenue',
    'quantity', 'has_unreadable_value', 'has_unreadable_json', 'activity_date',
    'received_date', 'occurred_at', 'received_at',
] -%}
{%- set changes = raw_file_changes('events') if is_increment() -%}
with

raw_events as (
    select * from {{ raw_rows('events', changes) }} as raw_events
),

-- Text to the types of the contract. What can't be read is null here, counted below.
read as (
    select
        nullif(event_id, '') as event_id,
        nullif(event_name, '') as event_name,
        nullif(user_id, '') as user_id,
        nullif(anonymous_id, '') as anonymous_id,
        platform,
        device_type,
        os,
        browser,
        app_version,
        country,
        city,
        campaign_id,
        {{ json_object('properties') }} as properties,
        {{ read_number('revenue', 'decimal(18, 4)') }} as revenue,
        {{ read_number('quantity', 'integer') }} as quantity,
        {{ read_timestamp('occurred_at') }} as occurred_at,
        {{ read_timestamp('received_at') }} as given_received_at,
        source_file,
        source_version,
        unreadable_line,
        json_line,
        revenue as revenue_text,
        quantity as quantity_text,
        received_at as received_at_text,
        properties as properties_text,
        {{ row_record('raw_events') }} as raw_record
    from raw_events
),

judged as (
    select
        *,
        coalesce(given_received_at, occurred_at) as received_at,
        case
            when unreadable_line is not null then 'unreadable line'
            when event_id is null then 'missing event_id'
            when event_name is null then 'missing event_name'
            when user_id is null and anonymous_id is null
                then 'missing user_id and anonymous_id'
            when occurred_at is null then 'unreadable occurred_at'
            when
                {{ dbt.datediff(
                    'coalesce(given_received_at, occurred_at)', 'occurred_at', 'day'
                ) }} > 1
                or {{ dbt.datediff(load_date(), 'occurred_at', 'day') }} > 1
                then 'occurred_at in the future'
        end as rejected_reason,
        (revenue is null and nullif(revenue_text, '') is not null)
        or (quantity is null and nullif(quantity_text, '') is not null)
        or (given_received_at is null and nullif(received_at_text, '') is not null)
            as has_unreadable_value,
        properties is null and nullif(properties_text, '') is not null
            as has_unreadable_json
    from read
),

-- The whole row as text for rejected rows only: it is dear for every row.
new_deliveries as (
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
        source_file,
        source_version,
        rejected_reason,
        case
            when rejected_reason is not null
                then coalesce(json_line, {{ row_as_json('raw_record') }})
        end as raw_row,
        revenue,
        quantity,
        has_unreadable_value,
        has_unreadable_json,
        {{ local_date('occurred_at') }} as activity_date,
        {{ local_date('received_at') }} as received_date,
        occurred_at,
        received_at
    from judged
),
{%- if is_increment() %}

-- Where a file was written anew or removed, its rows stand no longer; they are kept for
-- one more build, so that what is computed from them is computed again.
withdrawn as (
    select * from {{ this }}
    where
        not is_withdrawn
        and {{ withdrawn_deliveries('events', changes) }}
),

touched_events as (
    select coalesce(event_id, '') as event_key
    from new_deliveries
    {{ set_operator('union') }}
    select coalesce(event_id, '') as event_key
    from withdrawn
),

-- Other deliveries of the same events compete with the new ones.
earlier as (
    select * from {{ this }}
    where
        coalesce(event_id, '') in (select event_key from touched_events)
        and not (is_withdrawn and build_number < {{ build_number() }})
),
{%- endif %}

deliveries as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        false as is_withdrawn
    from new_deliveries
    {%- if is_increment() %}
    union all
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        is_withdrawn or {{ withdrawn_deliveries('events', changes) }} as is_withdrawn
    from earlier
    {%- endif %}
)

-- Of an event the delivery counts that was received first; every column is in the
-- order, so that the choice never depends on which was read first.
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
    source_file,
    source_version,
    rejected_reason,
    raw_row,
    revenue,
    quantity,
    case
        when rejected_reason is null and not is_withdrawn
            then row_number() over (
                partition by rejected_reason, is_withdrawn, event_id
                order by
                    received_at, occurred_at, event_name, user_id, anonymous_id,
                    revenue, quantity, platform, device_type, os, browser, app_version,
                    country, city, campaign_id, properties, source_file
            )
    end as delivery_number,
    cast({{ build_number() }} as integer) as build_number,
    has_unreadable_value,
    has_unreadable_json,
    is_withdrawn,
    activity_date,
    received_date,
    occurred_at,
    received_at
from deliveries
