{{ config(materialized='view') }}

with

source_tables as (
    select 'events' as source_table
    union all
    select 'users' as source_table
),

deliveries as (
    select
        'events' as source_table,
        rejected_reason,
        delivery_number,
        has_unreadable_value,
        has_unreadable_json
    from {{ ref('stg_event_deliveries') }}
    where not is_withdrawn
    union all
    select
        'users' as source_table,
        rejected_reason,
        delivery_number,
        has_unreadable_value,
        has_unreadable_json
    from {{ ref('stg_user_deliveries') }}
    where not is_withdrawn
),

-- Unreadable values are counted where the row is kept; rejected rows can be read whole.
counted as (
    select
        source_table,
        count(*) as row_count,
        sum(case when delivery_number = 1 then 1 else 0 end) as kept_row_count,
        sum(case when delivery_number > 1 then 1 else 0 end) as duplicate_row_count,
        count(rejected_reason) as rejected_row_count,
        sum(case when delivery_number = 1 and has_unreadable_value then 1 else 0 end)
            as unreadable_value_row_count,
        sum(case when delivery_number = 1 and has_unreadable_json then 1 else 0 end)
            as unreadable_json_row_count
    from deliveries
    group by source_table
)

select
    source_tables.source_table,
    cast(coalesce(counted.row_count, 0) as bigint) as row_count,
    cast(coalesce(counted.kept_row_count, 0) as bigint) as kept_row_count,
    cast(coalesce(counted.duplicate_row_count, 0) as bigint) as duplicate_row_count,
    cast(coalesce(counted.rejected_row_count, 0) as bigint) as rejected_row_count,
    cast(coalesce(counted.unreadable_value_row_count, 0) as bigint)
        as unreadable_value_row_count,
    cast(coalesce(counted.unreadable_json_row_count, 0) as bigint)
        as unreadable_json_row_count
from source_tables
left join counted
    on source_tables.source_table = counted.source_table
