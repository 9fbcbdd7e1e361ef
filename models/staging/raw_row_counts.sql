with

event_deliveries as (
    select * from {{ ref('stg_event_deliveries') }}
),

user_deliveries as (
    select * from {{ ref('stg_user_deliveries') }}
),

kept_users as (
    select count(*) as kept_row_count from {{ ref('stg_users') }}
),

events as (
    select
        'events' as source_table,
        count(*) as row_count,
        count(case when delivery_number = 1 then 1 end) as kept_row_count,
        count(case when delivery_number > 1 then 1 end) as duplicate_row_count,
        count(rejected_reason) as rejected_row_count,
        count(case when has_unreadable_value and rejected_reason is null then 1 end)
            as unreadable_value_row_count,
        count(case when has_unreadable_json and rejected_reason is null then 1 end)
            as unreadable_json_row_count
    from event_deliveries
),

users as (
    select
        'users' as source_table,
        count(*) as row_count,
        max(kept_users.kept_row_count) as kept_row_count,
        count(case when rejected_reason is null then 1 end)
        - max(kept_users.kept_row_count) as duplicate_row_count,
        count(rejected_reason) as rejected_row_count,
        count(case when has_unreadable_value and rejected_reason is null then 1 end)
            as unreadable_value_row_count,
        count(case when has_unreadable_json and rejected_reason is null then 1 end)
            as unreadable_json_row_count
    from user_deliveries
    cross join kept_users
)

select * from events
union all
select * from users
