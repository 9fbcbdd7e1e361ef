{{ config(materialized='view') }}

-- Only periods that are over: what is not known yet is no zero.
with

as_of_dates as (
    select
        as_of_date,
        cast(
            {{ dbt.dateadd('day', var('outcome_days', 28), 'as_of_date') }} as date
        ) as outcome_until_date
    from {{ ref('int_as_of_dates') }}
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

periods as (
    select
        as_of_dates.as_of_date,
        as_of_dates.outcome_until_date
    from as_of_dates
    inner join current_dates
        on as_of_dates.outcome_until_date <= current_dates.as_of_date
),

user_identities as (
    select
        as_of_date,
        user_id,
        identity_id
    from {{ ref('int_user_identities') }}
),

identity_days as (
    select * from {{ ref('int_identity_days') }}
)

select
    periods.as_of_date,
    user_identities.user_id,
    cast(coalesce(sum(identity_days.purchase_count), 0) as bigint) as purchase_count,
    cast(coalesce(sum(identity_days.revenue), 0) as decimal(18, 4)) as revenue,
    coalesce(sum(identity_days.purchase_count), 0) > 0 as has_purchased,
    coalesce(sum(identity_days.activity_event_count), 0) > 0 as has_returned,
    periods.outcome_until_date
from periods
inner join user_identities
    on periods.as_of_date = user_identities.as_of_date
left join identity_days
    on
        user_identities.identity_id = identity_days.identity_id
        and periods.as_of_date < identity_days.activity_date
        and periods.outcome_until_date >= identity_days.activity_date
group by
    periods.as_of_date,
    periods.outcome_until_date,
    user_identities.user_id
