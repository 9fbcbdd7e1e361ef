{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_days'},
) }}
with

activities as (
    select
        identity_id,
        channel,
        -- Two digits, so that hours are in order as text, too.
        {{ dbt.right(dbt.concat([
            "'0'",
            "cast(" ~ local_hour('occurred_at') ~ " as " ~ dbt.type_string() ~ ")",
        ]), 2) }} as hour_text,
        activity_date
    from {{ ref('int_events') }}
    where
        is_activity
        and {{ only_touched_days() }}
),

habits as (
    select
        identity_id,
        'hour' as habit,
        hour_text as habit_value,
        activity_date
    from activities
    union all
    select
        identity_id,
        'channel' as habit,
        channel as habit_value,
        activity_date
    from activities
    where channel is not null
)

select
    identity_id,
    habit,
    habit_value,
    count(*) as event_count,
    activity_date
from habits
group by
    identity_id,
    habit,
    habit_value,
    activity_date
