{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where {{ only_due_dates() }}
),

-- Who an identity is stands in its name.
event_identities as (
    select
        identity_id,
        case
            when identity_id like 'user:%' then substring(identity_id, 6)
        end as user_id,
        case
            when identity_id like 'anonymous:%' then substring(identity_id, 11)
        end as anonymous_id,
        min(activity_date) as first_known_date
    from {{ ref('int_identity_days') }}
    group by identity_id
),

profile_identities as (
    select
        {{ dbt.concat(["'user:'", "user_id"]) }} as identity_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as anonymous_id,
        min(valid_from_date) as first_known_date
    from {{ ref('int_user_profiles') }}
    group by user_id
),

identities as (
    select
        identity_id,
        user_id,
        anonymous_id,
        min(first_known_date) as first_known_date
    from (
        select * from event_identities
        union all
        select * from profile_identities
    ) as every_identity
    group by
        identity_id,
        user_id,
        anonymous_id
),

identity_links as (
    select * from {{ ref('int_identity_links') }}
),

excluded_users as (
    select * from {{ ref('int_excluded_users') }}
),

resolved as (
    select
        as_of_dates.as_of_date,
        identities.identity_id,
        coalesce(identities.user_id, identity_links.user_id, identities.anonymous_id)
            as user_id,
        coalesce(identities.user_id, identity_links.user_id) is null as is_anonymous
    from identities
    inner join as_of_dates
        on identities.first_known_date <= as_of_dates.as_of_date
    left join identity_links
        on
            identities.anonymous_id = identity_links.anonymous_id
            and as_of_dates.as_of_date >= identity_links.valid_from_date
            and (
                as_of_dates.as_of_date < identity_links.valid_to_date
                or identity_links.valid_to_date is null
            )
)

-- Staff, bots and test accounts are nobody from here on.
select
    resolved.as_of_date,
    resolved.identity_id,
    resolved.user_id,
    resolved.is_anonymous
from resolved
left join excluded_users
    on resolved.user_id = excluded_users.user_id
where excluded_users.user_id is null
