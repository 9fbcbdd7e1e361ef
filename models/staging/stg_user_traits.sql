with

entries as (
    {{ json_entries(
        ref('stg_user_deliveries'),
        'traits',
        ['user_id', 'updated_at', 'rejected_reason'],
    ) }}
)

-- Rows of one user with the same time are one change: for each key the larger value.
select
    user_id,
    entry_name as trait_name,
    max(entry_value) as trait_value,
    updated_at
from entries
where
    rejected_reason is null
    and entry_value is not null
group by
    user_id,
    entry_name,
    updated_at
