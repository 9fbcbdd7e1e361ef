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

identities as (
    select * from {{ ref('int_identities') }}
),

identity_links as (
    select * from {{ ref('int_identity_links') }}
),

excluded_users as (
    select * from {{ ref('int_excluded_users') }}
),

user_merges as (
    select * from {{ ref('int_user_merges') }}
    where {{ only_due_dates() }}
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
    coalesce(user_merges.merged_user_id, resolved.user_id) as user_id,
    resolved.is_anonymous
from resolved
left join user_merges
    on
        resolved.as_of_date = user_merges.as_of_date
        and resolved.user_id = user_merges.user_id
        and not resolved.is_anonymous
left join excluded_users
    on resolved.user_id = excluded_users.user_id
where excluded_users.user_id is null
