with

first_events as (
    select min(activity_date) as first_activity_date
    from {{ ref('int_events') }}
)

select
    as_of_dates.as_of_date as current_as_of_date,
    first_events.first_activity_date
from {{ ref('int_as_of_dates') }} as as_of_dates
cross join first_events
where
    as_of_dates.is_current
    and as_of_dates.as_of_date < first_events.first_activity_date
