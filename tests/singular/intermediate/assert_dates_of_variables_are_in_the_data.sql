{{ config(severity='warn') }}

with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

last_events as (
    select max(activity_date) as last_activity_date
    from {{ ref('int_events') }}
),

baseline as (
    select cast(
        {{ text_literal(var('drift_baseline_date')) if var('drift_baseline_date', none)
            else 'null' }} as date
    ) as drift_baseline_date
)

select
    'as_of_date' as variable,
    as_of_dates.as_of_date as date_given,
    'after the last event' as finding
from as_of_dates
cross join last_events
where
    as_of_dates.is_current
    and as_of_dates.as_of_date > last_events.last_activity_date
union all
select
    'drift_baseline_date' as variable,
    baseline.drift_baseline_date as date_given,
    'not a snapshot date; the next one after it is taken' as finding
from baseline
left join as_of_dates
    on baseline.drift_baseline_date = as_of_dates.as_of_date
where
    baseline.drift_baseline_date is not null
    and as_of_dates.as_of_date is null
