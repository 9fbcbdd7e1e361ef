{{ config(materialized='view') }}

with

entries as (
    {{ json_entries(
        ref('stg_user_deliveries'),
        'traits',
        ['user_id', 'updated_at', 'rejected_reason', 'is_withdrawn'],
    ) }}
),

-- Rows of one user with the same time are one change: for each key the larger value, of
-- numbers the larger number, of anything else the larger text.
ranked as (
    select
        user_id,
        entry_name as trait_name,
        entry_value as trait_value,
        updated_at,
        row_number() over (
            partition by user_id, entry_name, updated_at
            order by
                case
                    when entry_value = entry_text then {{ read_number('entry_text') }}
                end desc nulls last,
                entry_text desc,
                entry_value desc
        ) as position_from_largest
    from entries
    where
        rejected_reason is null
        and not is_withdrawn
        and entry_value is not null
)

select
    user_id,
    trait_name,
    trait_value,
    updated_at
from ranked
where position_from_largest = 1
