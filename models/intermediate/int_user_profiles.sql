{#- Values that last until the next one that is not null: the running count of values
    numbers the stretches, and each stretch has one value. -#}
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
),

stretches as (
    select
        *,
        {%- for column in text_columns + other_columns %}
        count({{ column }}) over (
            partition by user_id order by updated_at
        ) as {{ column }}_stretch,
        {%- endfor %}
        row_number() over (
            partition by user_id, updated_date order by updated_at desc
        ) as position_from_last
    from users
),

filled as (
    select
        user_id,
        {%- for column in text_columns %}
        -- Empty text clears the value.
        nullif(
            max({{ column }}) over (partition by user_id, {{ column }}_stretch), ''
        ) as {{ column }},
        {%- endfor %}
        max(company_size) over (
            partition by user_id, company_size_stretch
        ) as company_size,
        {{ dbt.bool_or('marketing_consent') }} over (
            partition by user_id, marketing_consent_stretch
        ) as marketing_consent,
        max(birth_date) over (partition by user_id, birth_date_stretch) as birth_date,
        max(signed_up_at) over (partition by user_id, signed_up_at_stretch)
            as signed_up_at,
        updated_date,
        position_from_last
    from stretches
)

-- The last change of a day holds from that day on.
select
    user_id,
    {%- for column in text_columns + other_columns %}
    {{ column }},
    {%- endfor %}
    updated_date as valid_from_date,
    lead(updated_date) over (
        partition by user_id order by updated_date
    ) as valid_to_date
from filled
where position_from_last = 1
