{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_pairs'},
) }}

with

as_of_dates as (
    select
        as_of_date,
        is_current,
        is_provisional
    from {{ ref('int_as_of_dates') }}
),

user_facts as (
    select
        as_of_date,
        days_since_last_active,
        active_day_count_30d
    from {{ ref('user_facts') }}
    where {{ only_due_snapshots() }}
),

counted as (
    select
        as_of_date,
        count(*) as known_user_count,
        count(case when days_since_last_active < 1 then 1 end)
            as daily_active_user_count,
        count(case when days_since_last_active < 7 then 1 end)
            as weekly_active_user_count,
        count(case when days_since_last_active < 30 then 1 end)
            as monthly_active_user_count,
        sum(active_day_count_30d) as active_user_day_count_30d
    from user_facts
    group by as_of_date
)

-- Stickiness takes the mean of 30 days: a single day has its weekday's size.
select
    counted.as_of_date,
    counted.known_user_count,
    counted.daily_active_user_count,
    counted.weekly_active_user_count,
    counted.monthly_active_user_count,
    counted.active_user_day_count_30d
    / cast(30 as {{ type_double() }}) as average_daily_active_user_count_30d,
    counted.active_user_day_count_30d
    / nullif(cast(30 * counted.monthly_active_user_count as {{ type_double() }}), 0)
        as stickiness_share,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from counted
inner join as_of_dates
    on counted.as_of_date = as_of_dates.as_of_date
