{{ config(severity='warn') }}

select
    events.event_name,
    count(*) as event_count
from {{ ref('int_events') }} as events
left join {{ ref('event_catalog') }} as event_catalog
    on events.event_name = event_catalog.event_name
where event_catalog.event_name is null
group by events.event_name
order by
    event_count desc,
    events.event_name asc
