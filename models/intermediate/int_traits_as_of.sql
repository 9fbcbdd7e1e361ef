{{ config(materialized='view') }}

with

-- The last value of each key on each day that it changed.
daily_values as (
    select
        user_id,
        trait_name,
        trait_value,
        {{ local_date('updated_at') }} as updated_date,
        row_number() over (
            partition by user_id, trait_name, {{ local_date('updated_at') }}
            order by updated_at desc
        ) as position_from_last
    from {{ ref('stg_user_traits') }}
),

trait_versions as (
    select
        user_id,
        trait_name,
        trait_value,
        updated_date as valid_from_date,
        lead(updated_date) over (
            partition by user_id, trait_name order by updated_date
        ) as valid_to_date
    from daily_values
    where position_from_last = 1
)

select
    as_of_dates.as_of_date,
    versions.user_id,
    versions.trait_name,
    versions.trait_value
from trait_versions as versions
inner join {{ ref('int_as_of_dates') }} as as_of_dates
    on
        versions.valid_from_date <= as_of_dates.as_of_date
        and (
            versions.valid_to_date > as_of_dates.as_of_date
            or versions.valid_to_date is null
        )
-- Empty text clears the value.
where versions.trait_value <> '""'
