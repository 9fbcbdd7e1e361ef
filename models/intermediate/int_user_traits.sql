{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_users'},
) }}

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
    where {{ only_touched_users() }}
)

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
