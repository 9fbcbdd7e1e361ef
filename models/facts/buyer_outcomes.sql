{{ config(materialized='view') }}
{#- A view: what happened after a date is known weeks later, when the date is long
    closed, and late data change it. -#}
{%- set first_days = 56 -%}
{%- set last_days = 90 -%}
{%- set days_known = dbt.datediff(
    'past_users.as_of_date', 'current_dates.as_of_date', 'day'
) -%}
{%- set days_later = dbt.datediff(
    'past_users.as_of_date', 'purchase_days.activity_date', 'day'
) -%}
with

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

identities as (
    select * from {{ ref('int_user_identities') }}
),

buyers as (
    select
        as_of_date,
        user_id
    from {{ ref('user_facts') }}
    where purchase_count > 0
),

current_identities as (
    select
        identities.identity_id,
        identities.user_id
    from identities
    inner join current_dates
        on identities.as_of_date = current_dates.as_of_date
),

-- Who bought without an account and made one later has come back: purchases are those
-- of the person as known now. Who is left out by now has no outcome.
past_users as (
    select distinct
        buyers.as_of_date,
        buyers.user_id,
        current_identities.user_id as current_user_id
    from buyers
    inner join identities
        on
            buyers.as_of_date = identities.as_of_date
            and buyers.user_id = identities.user_id
    inner join current_identities
        on identities.identity_id = current_identities.identity_id
),

purchase_days as (
    select
        current_identities.user_id,
        sum(identity_days.purchase_count) as purchase_count,
        sum(identity_days.revenue) as revenue,
        identity_days.activity_date
    from {{ ref('int_identity_days') }} as identity_days
    inner join current_identities
        on identity_days.identity_id = current_identities.identity_id
    inner join current_dates
        on identity_days.activity_date <= current_dates.as_of_date
    where
        identity_days.purchase_count > 0
        or identity_days.revenue <> 0
    group by
        current_identities.user_id,
        identity_days.activity_date
),

known as (
    select
        past_users.*,
        {{ days_known }} as days_known
    from past_users
    cross join current_dates
    where {{ days_known }} >= {{ first_days }}
),

counted as (
    select
        past_users.as_of_date,
        past_users.user_id,
        past_users.days_known,
        coalesce(sum(
            case
                when {{ days_later }} <= {{ first_days }}
                    then purchase_days.purchase_count
            end
        ), 0) as purchase_count_next_{{ first_days }}d,
        coalesce(sum(purchase_days.purchase_count), 0)
            as purchase_count_next_{{ last_days }}d,
        coalesce(sum(purchase_days.revenue), 0) as revenue_next_{{ last_days }}d
    from known as past_users
    left join purchase_days
        on
            past_users.current_user_id = purchase_days.user_id
            and past_users.as_of_date < purchase_days.activity_date
            and {{ days_later }} <= {{ last_days }}
    group by
        past_users.as_of_date,
        past_users.user_id,
        past_users.days_known
)

select
    as_of_date,
    user_id,
    cast(purchase_count_next_{{ first_days }}d as integer)
        as purchase_count_next_{{ first_days }}d,
    cast(
        case
            when days_known >= {{ last_days }}
                then purchase_count_next_{{ last_days }}d
        end as integer
    ) as purchase_count_next_{{ last_days }}d,
    cast(
        case
            when days_known >= {{ last_days }}
                then revenue_next_{{ last_days }}d
        end as decimal(18, 4)
    ) as revenue_next_{{ last_days }}d
from counted
