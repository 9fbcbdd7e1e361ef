{{ config(materialized='view') }}

with

event_deliveries as (
    select * from {{ ref('stg_event_deliveries') }}
),

user_deliveries as (
    select * from {{ ref('stg_user_deliveries') }}
),

rejected as (
    select
        'events' as source_table,
        rejected_reason,
        raw_row,
        source_file
    from event_deliveries
    where
        rejected_reason is not null
        and not is_withdrawn
    union all
    select
        'users' as source_table,
        rejected_reason,
        raw_row,
        source_file
    from user_deliveries
    where
        rejected_reason is not null
        and not is_withdrawn
)

select * from rejected
