{{ config(materialized='view') }}

select
    as_of_dates.as_of_date,
    versions.user_id,
    versions.trait_name,
    versions.trait_value
from {{ ref('int_user_traits') }} as versions
inner join {{ ref('int_as_of_dates') }} as as_of_dates
    on
        versions.valid_from_date <= as_of_dates.as_of_date
        and (
            versions.valid_to_date > as_of_dates.as_of_date
            or versions.valid_to_date is null
        )
-- Empty text clears the value.
where versions.trait_value <> '""'
