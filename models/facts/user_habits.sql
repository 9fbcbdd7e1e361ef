{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
with

user_identities as (
    select * from {{ ref('int_user_identities') }}
    where {{ only_due_dates() }}
),

habit_days as (
    select * from {{ ref('int_habit_days') }}
),

counted as (
    select
        user_identities.as_of_date,
        user_identities.user_id,
        habit_days.habit,
        habit_days.habit_value,
        cast(sum(habit_days.event_count) as bigint) as event_count,
        max(habit_days.activity_date) as last_activity_date
    from habit_days
    inner join user_identities
        on
            habit_days.identity_id = user_identities.identity_id
            and habit_days.activity_date <= user_identities.as_of_date
            and {{ dbt.datediff(
                'habit_days.activity_date', 'user_identities.as_of_date', 'day'
            ) }} < {{ var('habit_window_days', 90) }}
    group by
        user_identities.as_of_date,
        user_identities.user_id,
        habit_days.habit,
        habit_days.habit_value
),

ranked as (
    select
        as_of_date,
        user_id,
        habit,
        habit_value,
        event_count,
        event_count / cast(
            sum(event_count) over (partition by as_of_date, user_id, habit)
            as {{ type_double() }}
        ) as event_share,
        row_number() over (
            partition by as_of_date, user_id, habit
            order by event_count desc, last_activity_date desc, habit_value asc
        ) as habit_rank,
        last_activity_date
    from counted
)

select
    as_of_date,
    user_id,
    habit,
    habit_value,
    event_count,
    event_share,
    last_activity_date
from ranked
where habit_rank = 1
