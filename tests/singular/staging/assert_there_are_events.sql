-- Without a single usable event nothing after it means anything: the build stops here.
select event_counts.usable_event_count
from (
    select count(*) as usable_event_count
    from {{ ref('stg_events') }}
) as event_counts
where event_counts.usable_event_count = 0
