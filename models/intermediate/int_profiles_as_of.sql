{{ config(materialized='view') }}
-- depends_on: {{ ref('int_user_merges') }}
{%- set columns = [
    'first_name', 'email', 'gender', 'country', 'city', 'language', 'plan', 'company',
    'industry', 'company_size', 'marketing_consent', 'birth_date', 'signed_up_at',
] %}

with

profiles as (
    select
        as_of_dates.as_of_date,
        profiles.*
    from {{ ref('int_user_profiles') }} as profiles
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on
            profiles.valid_from_date <= as_of_dates.as_of_date
            and (
                profiles.valid_to_date > as_of_dates.as_of_date
                or profiles.valid_to_date is null
            )
)

{%- if var('identifiers', []) %}

-- Of users who are one the profile that changed last speaks first.
select
    profiles.as_of_date,
    coalesce(merges.merged_user_id, profiles.user_id) as user_id,
    {%- for column in columns %}
    {{ latest(
        'profiles.' ~ column, ['profiles.valid_from_date', 'profiles.user_id']
    ) }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from profiles
left join {{ ref('int_user_merges') }} as merges
    on
        profiles.as_of_date = merges.as_of_date
        and profiles.user_id = merges.user_id
group by
    profiles.as_of_date,
    coalesce(merges.merged_user_id, profiles.user_id)
{%- else %}

select
    as_of_date,
    user_id,
    {{ columns | join(',\n    ') }}
from profiles
{%- endif %}
