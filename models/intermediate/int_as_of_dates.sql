{#- D itself and, before it, dates that hang on the calendar, so that they do not move
    with the data: each day, each Sunday (1970-01-04 is one) or each last day of a month
    (the day before the month of tomorrow begins). A backfill adds those of its
    range. -#}
{%- set cadence = var('snapshot_cadence', 'week') -%}
{%- set days = 7 if cadence == 'week' else 1 -%}
{%- set days_past = 'mod(' ~ dbt.datediff(
    "cast('1970-01-04' as date)", 'end_date', 'day'
) ~ ', ' ~ days ~ ')' -%}
{%- set last_calendar_date = dbt.dateadd('day', '-' ~ days_past, 'end_date') -%}
{%- if cadence == 'month' -%}
    {%- set month_of_tomorrow = dbt.date_trunc(
        'month', dbt.dateadd('day', 1, 'end_date')
    ) -%}
    {%- set last_calendar_date = dbt.dateadd('day', -1, month_of_tomorrow) -%}
{%- endif -%}
{%- set backfill_from = var('backfill_from', none) -%}
{%- set backfill_to = var('backfill_to', none) -%}
{%- set steps = [var('snapshot_count', 12), backfill_step_count()] | max -%}
{%- set published = published_state() -%}
{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'everything'},
) }}
with

event_dates as (
    select
        min(activity_date) as first_activity_date,
        max(activity_date) as last_activity_date,
        max(received_date) as last_received_date
    from {{ ref('stg_events') }}
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

-- Each stretch of the calendar ends with a date and begins with another.
stretches as (
    select
        cast(null as date) as start_date,
        current_as_of_date as end_date,
        {{ var('snapshot_count', 12) }} as date_count
    from current_dates
    {%- if backfill_from and backfill_to %}
    union all
    select
        cast({{ text_literal(backfill_from) }} as date) as start_date,
        least(cast({{ text_literal(backfill_to) }} as date), current_as_of_date)
            as end_date,
        {{ steps }} as date_count
    from current_dates
    {%- endif %}
),

last_calendar_dates as (
    select
        *,
        cast({{ last_calendar_date }} as date) as last_calendar_date
    from stretches
),

numbers as (
    {%- for number in range(steps) %}
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
        dates.start_date,
        dates.start_date is null as is_kept
    from last_calendar_dates as dates
    inner join numbers
        on dates.date_count > numbers.steps_back
),

every_date as (
    select
        as_of_date,
        max(case when is_kept then 1 else 0 end) = 1 as is_kept
    from (
        select
            as_of_date,
            is_kept
        from calendar_dates
        where
            start_date is null
            or as_of_date >= start_date
        union all
        select
            current_as_of_date as as_of_date,
            true as is_kept
        from current_dates
    ) as dates
    group by as_of_date
),

-- A date closes once data that reach past its end have arrived.
opened as (
    select
        every_date.as_of_date,
        every_date.is_kept,
        every_date.as_of_date = current_dates.current_as_of_date as is_current,
        every_date.as_of_date = current_dates.current_as_of_date
        or current_dates.last_received_date <= every_date.as_of_date
        or {{ dbt.datediff(
            'every_date.as_of_date', 'current_dates.current_as_of_date', 'day'
        ) }} < {{ var('restate_days', 0) }} as is_provisional
    from every_date
    cross join current_dates
    where
        every_date.as_of_date >= current_dates.first_activity_date
        or every_date.as_of_date = current_dates.current_as_of_date
),

-- Users are kept by date, also of one whose rows of a segmentation that is switched off
-- are not kept.
published as (
    {%- if published %}
    select
        as_of_date,
        max(case when is_provisional then 1 else 0 end) as provisional_count,
        max(case when is_kept then 1 else 0 end) as kept_count
    from {{ published }}
    group by as_of_date
    {%- else %}
    select
        cast(null as date) as as_of_date,
        0 as provisional_count,
        0 as kept_count
    where false
    {%- endif %}
),

{%- if is_increment() %}

-- What an earlier try of this build had to compute.
unfinished as (
    select as_of_date
    from {{ this }}
    where
        is_due
        and build_number = {{ build_number() }}
),
{%- endif %}

-- A date is computed when it never was, or is not kept any more, while it is open and
-- there is something new, and when somebody asks for it.
judged as (
    select
        opened.*,
        {%- if flags.FULL_REFRESH %}
        true as is_due
        {%- else %}
        coalesce(published.kept_count, 0) = 0
        {%- if is_increment() %}
        or opened.as_of_date in (select unfinished.as_of_date from unfinished)
        {%- endif %}
        {%- if backfill_from and backfill_to %}
        or opened.as_of_date between cast({{ text_literal(backfill_from) }} as date)
        and cast({{ text_literal(backfill_to) }} as date)
        {%- endif %}
        or (
            (published.provisional_count = 1 or opened.is_provisional)
            and {{ has_news() }}
        ) as is_due
        {%- endif %}
    from opened
    left join published
        on opened.as_of_date = published.as_of_date
),

-- Before a date stands the last one that was published, also where its snapshot is not
-- kept.
spine as (
    select as_of_date from judged
    {{ set_operator('union') }}
    select as_of_date from published
    where provisional_count = 0
),

neighbours as (
    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as previous_as_of_date
    from spine
)

select
    cast({{ build_number() }} as integer) as build_number,
    judged.is_current,
    judged.is_provisional,
    judged.is_kept,
    judged.is_due,
    judged.as_of_date,
    neighbours.previous_as_of_date
from judged
inner join neighbours
    on judged.as_of_date = neighbours.as_of_date
