{{ config(severity='warn') }}

select
    shared_identifiers.identifier,
    shared_identifiers.value,
    shared_identifiers.user_count,
    {{ var('identifier_max_users', 10) }} as identifier_max_users
from {{ ref('int_shared_identifiers') }} as shared_identifiers
inner join {{ ref('int_as_of_dates') }} as as_of_dates
    on shared_identifiers.as_of_date = as_of_dates.as_of_date
where
    as_of_dates.is_current
    and shared_identifiers.is_ignored
order by
    shared_identifiers.user_count desc,
    shared_identifiers.identifier asc,
    shared_identifiers.value asc
