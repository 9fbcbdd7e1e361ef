{{ config(materialized=view_unless_spark()) }}
{%- set published = published_state() %}

-- Dates that are computed, and each date after one, which is compared with it. The next
-- date of a segmentation is a later one where it was switched off in between.
with

due_dates as (
    select distinct as_of_date
    from {{ ref('int_due_snapshots') }}
),

next_dates as (
    select distinct next_as_of_date
    from {{ ref('int_stated_snapshots') }}
    where
        is_due
        and next_as_of_date is not null
),

dates as (
    select
        as_of_date,
        is_provisional
    from {{ ref('int_as_of_dates') }}
    {%- if published %}
    {{ set_operator('union') }}
    select distinct
        published.as_of_date,
        published.is_provisional
    from {{ published }} as published
    left join {{ ref('int_as_of_dates') }} as as_of_dates
        on published.as_of_date = as_of_dates.as_of_date
    where
        as_of_dates.as_of_date is null
        and not published.is_provisional
    {%- endif %}
),

neighbours as (
    select
        as_of_date,
        is_provisional,
        lag(as_of_date) over (order by as_of_date) as previous_as_of_date
    from dates
)

select
    neighbours.is_provisional,
    neighbours.as_of_date,
    neighbours.previous_as_of_date
from neighbours
where
    neighbours.as_of_date in (select due_dates.as_of_date from due_dates)
    or neighbours.previous_as_of_date in (select due_dates.as_of_date from due_dates)
    or neighbours.as_of_date in (select next_dates.next_as_of_date from next_dates)
