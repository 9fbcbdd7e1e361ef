{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}

-- A value that too many users share says nothing of who they are.
with

as_of_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where {{ only_due_dates() }}
),

identifiers as (
    select identifiers.*
    from {{ ref('int_identifiers') }} as identifiers
    left join {{ ref('int_excluded_users') }} as excluded_users
        on identifiers.user_id = excluded_users.user_id
    where excluded_users.user_id is null
)

select
    as_of_dates.as_of_date,
    identifiers.identifier,
    identifiers.value,
    count(*) as user_count,
    count(*) > {{ var('identifier_max_users', 10) }} as is_ignored
from identifiers
inner join as_of_dates
    on identifiers.first_seen_date <= as_of_dates.as_of_date
group by
    as_of_dates.as_of_date,
    identifiers.identifier,
    identifiers.value
having count(*) > 1
