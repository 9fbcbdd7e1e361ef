{{ config(materialized='view') }}
{%- set outcome_days = var('outcome_days', 28) -%}
{%- set earlier_kpis = earlier_state('segment_kpis') %}

-- What came after a date is told when the days are over, and again when one of them or
-- the segments of the date are computed anew.
with

as_of_dates as (
    select
        is_current,
        as_of_date,
        {{ dbt.dateadd('day', outcome_days, 'as_of_date') }} as last_outcome_date
    from {{ ref('int_as_of_dates') }}
),

current_dates as (
    select as_of_date
    from as_of_dates
    where is_current
),

due_dates as (
    select distinct as_of_date
    from {{ ref('int_due_snapshots') }}
),

touched_days as (
    select activity_date from {{ ref('int_touched_days') }}
)

select as_of_dates.as_of_date
from as_of_dates
inner join current_dates
    on as_of_dates.last_outcome_date <= current_dates.as_of_date
where
    as_of_dates.as_of_date in (select due_dates.as_of_date from due_dates)
    {%- if earlier_kpis %}
    or not exists (
        select 1
        from {{ earlier_kpis }} as earlier_kpis
        where
            earlier_kpis.as_of_date = as_of_dates.as_of_date
            and earlier_kpis.outcome_days = {{ outcome_days }}
    )
    {%- endif %}
    or exists (
        select 1
        from touched_days
        where
            touched_days.activity_date > as_of_dates.as_of_date
            and touched_days.activity_date <= as_of_dates.last_outcome_date
    )
