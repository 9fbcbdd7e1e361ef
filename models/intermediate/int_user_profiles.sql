{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'touched_users'},
) }}
{%- set text_columns = [
    'first_name', 'email', 'gender', 'country', 'city', 'language', 'plan', 'company',
    'industry',
] -%}
{%- set other_columns = [
    'company_size', 'marketing_consent', 'birth_date', 'signed_up_at',
] -%}
with

users as (
    select
        *,
        {{ local_date('updated_at') }} as updated_date
    from {{ ref('stg_users') }}
    where {{ only_touched_users() }}
),

-- Each value lasts until the next one that is not null; empty text clears it. The date
-- comes first: where clocks go back over midnight a later time may be a day earlier.
filled as (
    select
        user_id,
        {%- for column in text_columns %}
        nullif(
            {{ last_known(column, 'user_id', 'updated_date, updated_at') }}, ''
        ) as {{ column }},
        {%- endfor %}
        {%- for column in other_columns %}
        {{ last_known(column, 'user_id', 'updated_date, updated_at') }}
            as {{ column }},
        {%- endfor %}
        updated_date,
        row_number() over (
            partition by user_id, updated_date
            order by updated_at desc
        ) as position_from_last
    from users
)

-- The last change of a day holds from that day on.
select
    user_id,
    {%- for column in text_columns + other_columns %}
    {{ column }},
    {%- endfor %}
    updated_date as valid_from_date,
    lead(updated_date) over (
        partition by user_id
        order by updated_date
    ) as valid_to_date
from filled
where position_from_last = 1
