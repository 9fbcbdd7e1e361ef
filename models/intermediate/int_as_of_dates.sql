{#- D itself and, before it, dates that hang on the calendar, so that they do not move
    with the data: each day, each Sunday (1970-01-04 is one) or each last day of a month
    (the day before the month of tomorrow begins). -#}
{%- set cadence = var('snapshot_cadence', 'week') -%}
{%- set days = 7 if cadence == 'week' else 1 -%}
{%- if cadence == 'month' -%}
    {%- set month_of_tomorrow = dbt.date_trunc(
        'month', dbt.dateadd('day', 1, 'current_as_of_date')
    ) -%}
    {%- set last_calendar_date = dbt.dateadd('day', -1, month_of_tomorrow) -%}
{%- else -%}
    {%- set days_past = 'mod(' ~ dbt.datediff(
        "cast('1970-01-04' as date)", 'current_as_of_date', 'day'
    ) ~ ', ' ~ days ~ ')' -%}
    {%- set last_calendar_date = dbt.dateadd(
        'day', '-' ~ days_past, 'current_as_of_date'
    ) -%}
{%- endif -%}
with

event_dates as (
    select
        min(activity_date) as first_activity_date,
        max(activity_date) as last_activity_date,
        max(received_date) as last_received_date
    from {{ ref('int_events') }}
),

current_dates as (
    select
        first_activity_date,
        last_received_date,
        {%- if var('as_of_date', none) is not none %}
        cast({{ text_literal(var('as_of_date')) }} as date) as current_as_of_date
        {%- else %}
        least(last_activity_date, last_received_date) as current_as_of_date
        {%- endif %}
    from event_dates
    where last_activity_date is not null
),

-- The last date of the calendar up to D.
last_calendar_dates as (
    select
        *,
        cast({{ last_calendar_date }} as date) as last_calendar_date
    from current_dates
),

numbers as (
    {%- for number in range(var('snapshot_count', 12)) %}
    select {{ number }} as steps_back
    {%- if not loop.last %} union all {%- endif %}
    {%- endfor %}
),

calendar_dates as (
    select
        {%- if cadence == 'month' %}
        {{ dbt.last_day(
            dbt.dateadd('month', '-numbers.steps_back', 'dates.last_calendar_date'),
            'month'
        ) }} as as_of_date,
        {%- else %}
        cast(
            {{ dbt.dateadd(
                'day',
                '-' ~ days ~ ' * numbers.steps_back',
                'dates.last_calendar_date'
            ) }} as date
        ) as as_of_date,
        {%- endif %}
        dates.first_activity_date,
        dates.last_received_date,
        dates.current_as_of_date
    from last_calendar_dates as dates
    cross join numbers
),

every_date as (
    select * from calendar_dates
    union
    select
        current_as_of_date as as_of_date,
        first_activity_date,
        last_received_date,
        current_as_of_date
    from current_dates
)

-- A date closes once data that reach past its end have arrived.
select
    as_of_date = current_as_of_date as is_current,
    last_received_date <= as_of_date
    or {{ dbt.datediff('as_of_date', 'current_as_of_date', 'day') }}
    < {{ var('restate_days', 0) }} as is_provisional,
    as_of_date,
    lag(as_of_date) over (order by as_of_date) as previous_as_of_date
from every_date
where
    as_of_date >= first_activity_date
    or as_of_date = current_as_of_date
