{{ config(materialized='view') }}
-- depends_on: {{ ref('int_user_merges') }}
{%- set columns = {
    'first_name': 'varchar',
    'email': 'varchar',
    'gender': 'varchar',
    'country': 'varchar',
    'city': 'varchar',
    'language': 'varchar',
    'plan': 'varchar',
    'company': 'varchar',
    'industry': 'varchar',
    'company_size': 'integer',
    'marketing_consent': 'boolean',
    'birth_date': 'date',
    'signed_up_at': 'timestamp',
} %}

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
    {%- for column, type in columns.items() %}
    {{ latest(
        'profiles.' ~ column, ['profiles.valid_from_date', 'profiles.user_id'], type
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
