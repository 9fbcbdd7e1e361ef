{{ config(materialized='view') }}

-- Rows of one user with the same time are one change: for each column the larger value.
-- Empty text is smaller than any, so it clears a value only where it stands alone.
select
    user_id,
    max(first_name) as first_name,
    max(email) as email,
    max(gender) as gender,
    max(country) as country,
    max(city) as city,
    max(language) as language,
    max(plan) as plan,
    max(company) as company,
    max(industry) as industry,
    max(company_size) as company_size,
    {{ dbt.bool_or('marketing_consent') }} as marketing_consent,
    max(birth_date) as birth_date,
    max(signed_up_at) as signed_up_at,
    updated_at
from {{ ref('stg_user_deliveries') }}
where
    rejected_reason is null
    and not is_withdrawn
group by
    user_id,
    updated_at
