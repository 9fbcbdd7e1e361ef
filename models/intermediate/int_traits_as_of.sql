{{ config(materialized='view') }}
-- depends_on: {{ ref('int_user_merges') }}

with

traits as (
    select
        as_of_dates.as_of_date,
        versions.user_id,
        versions.trait_name,
        versions.trait_value,
        versions.valid_from_date
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
)

{%- if var('identifiers', []) %}

-- Of users who are one the value that changed last counts.
select
    traits.as_of_date,
    coalesce(merges.merged_user_id, traits.user_id) as user_id,
    traits.trait_name,
    {{ latest('traits.trait_value', ['traits.valid_from_date', 'traits.user_id']) }}
        as trait_value
from traits
left join {{ ref('int_user_merges') }} as merges
    on
        traits.as_of_date = merges.as_of_date
        and traits.user_id = merges.user_id
group by
    traits.as_of_date,
    coalesce(merges.merged_user_id, traits.user_id),
    traits.trait_name
{%- else %}

select
    as_of_date,
    user_id,
    trait_name,
    trait_value
from traits
{%- endif %}
