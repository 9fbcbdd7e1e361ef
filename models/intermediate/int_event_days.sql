select
    identity_id,
    event_name,
    count(*) as event_count,
    sum(revenue) as revenue,
    cast(sum(quantity) as bigint) as quantity,
    activity_date
from {{ ref('int_events') }}
group by
    identity_id,
    event_name,
    activity_date
