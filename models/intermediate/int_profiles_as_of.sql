{{ config(materialized='view') }}

select
    as_of_dates.as_of_date,
    profiles.user_id,
    profiles.first_name,
    profiles.email,
    profiles.gender,
    profiles.country,
    profiles.city,
    profiles.language,
    profiles.plan,
    profiles.company,
    profiles.industry,
    profiles.company_size,
    profiles.marketing_consent,
    profiles.birth_date,
    profiles.signed_up_at
from {{ ref('int_user_profiles') }} as profiles
inner join {{ ref('int_as_of_dates') }} as as_of_dates
    on
        profiles.valid_from_date <= as_of_dates.as_of_date
        and (
            profiles.valid_to_date > as_of_dates.as_of_date
            or profiles.valid_to_date is null
        )
