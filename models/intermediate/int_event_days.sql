{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}

select
    identity_id,
    event_name,
    count(*) as event_count,
    sum(revenue) as revenue,
    cast(sum(quantity) as bigint) as quantity,
    activity_date
from {{ ref('int_events') }}
where {{ only_touched_days() }}
group by
    identity_id,
    event_name,
    activity_date
