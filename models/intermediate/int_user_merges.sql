{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}

with recursive

owners as (
    select
        shared.as_of_date,
        shared.identifier,
        shared.value,
        identifiers.user_id
    from {{ ref('int_shared_identifiers') }} as shared
    inner join {{ ref('int_identifiers') }} as identifiers
        on
            shared.identifier = identifiers.identifier
            and shared.value = identifiers.value
            and shared.as_of_date >= identifiers.first_seen_date
    left join {{ ref('int_excluded_users') }} as excluded_users
        on identifiers.user_id = excluded_users.user_id
    where
        not shared.is_ignored
        and excluded_users.user_id is null
        and {{ only_due_dates('shared.as_of_date') }}
),

links as (
    select distinct
        owners.as_of_date,
        owners.user_id,
        others.user_id as other_user_id
    from owners
    inner join owners as others
        on
            owners.as_of_date = others.as_of_date
            and owners.identifier = others.identifier
            and owners.value = others.value
),

-- Whoever is linked with somebody who is linked is the same, too.
reached as (
    {{- pairs_in_reach('reached', 'links') }}
),

-- The id that was known first stands for all, so that it stays when others join.
ranked as (
    select
        reached.as_of_date,
        reached.user_id,
        reached.other_user_id as merged_user_id,
        row_number() over (
            partition by reached.as_of_date, reached.user_id
            order by identities.first_known_date, reached.other_user_id
        ) as position_from_first
    from reached
    inner join {{ ref('int_identities') }} as identities
        on reached.other_user_id = identities.user_id
)

select
    as_of_date,
    user_id,
    merged_user_id
from ranked
where
    position_from_first = 1
    and user_id <> merged_user_id
