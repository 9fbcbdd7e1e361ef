-- Of the deliveries of an event or of a user's change that the newest build touched one
-- counts, and they are numbered without a gap: where one is missing, a row is lost.
with

deliveries as (
    select
        'events' as source_table,
        event_id as delivered_key,
        cast(null as {{ dbt.type_timestamp() }}) as updated_at,
        delivery_number,
        build_number
    from {{ ref('stg_event_deliveries') }}
    where
        rejected_reason is null
        and not is_withdrawn
    union all
    select
        'users' as source_table,
        user_id as delivered_key,
        updated_at,
        delivery_number,
        build_number
    from {{ ref('stg_user_deliveries') }}
    where
        rejected_reason is null
        and not is_withdrawn
),

newest_builds as (
    select
        source_table,
        max(build_number) as build_number
    from deliveries
    group by source_table
)

select
    deliveries.source_table,
    deliveries.delivered_key,
    deliveries.updated_at,
    count(*) as delivery_count,
    min(deliveries.delivery_number) as first_delivery_number,
    max(deliveries.delivery_number) as last_delivery_number
from deliveries
inner join newest_builds
    on
        deliveries.source_table = newest_builds.source_table
        and deliveries.build_number = newest_builds.build_number
group by
    deliveries.source_table,
    deliveries.delivered_key,
    deliveries.updated_at
having
    min(deliveries.delivery_number) <> 1
    or max(deliveries.delivery_number) <> count(*)
    or count(deliveries.delivery_number) <> count(*)
    or sum(deliveries.delivery_number) * 2 <> count(*) * (count(*) + 1)
