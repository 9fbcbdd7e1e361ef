{{ config(materialized='view') }}

with

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
)

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
