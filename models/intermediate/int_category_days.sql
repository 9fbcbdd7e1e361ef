{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}

select
    identity_id,
    category,
    count(*) as event_count,
    cast(sum(affinity_weight) as bigint) as weight,
    activity_date
from {{ ref('int_events') }}
where
    category is not null
    and affinity_weight > 0
    and {{ only_touched_days() }}
group by
    identity_id,
    category,
    activity_date
