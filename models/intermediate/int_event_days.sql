select
    identity_id,
    event_name,
    count(*) as event_count,
    sum(revenue) as revenue,
    sum(quantity) as quantity,
    activity_date
from {{ ref('int_events') }}
group by
    identity_id,
    event_name,
    activity_date
