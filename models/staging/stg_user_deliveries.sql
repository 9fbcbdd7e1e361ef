{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'deliveries'},
) }}
{%- set columns = [
    'user_id', 'first_name', 'email', 'gender', 'country', 'city', 'language', 'plan',
    'company', 'industry', 'traits', 'source_file', 'source_version', 'row_hash',
    'rejected_reason', 'raw_row', 'company_size', 'marketing_consent',
    'has_unreadable_value', 'has_unreadable_json', 'birth_date', 'signed_up_at',
    'updated_at',
] -%}
{%- set changes = raw_file_changes('users') if is_increment() -%}
with

raw_users as (
    select * from {{ raw_rows('users', changes) }} as raw_users
),

-- Text to the types of the contract. What can't be read is null here, counted below.
read as (
    select
        nullif(user_id, '') as user_id,
        first_name,
        email,
        gender,
        country,
        city,
        language,
        plan,
        company,
        industry,
        {{ json_object('traits') }} as traits,
        {{ read_number('company_size', 'integer') }} as company_size,
        {{ read_boolean('lower(marketing_consent)') }} as marketing_consent,
        {{ read_date('birth_date') }} as birth_date,
        {{ read_timestamp('signed_up_at') }} as signed_up_at,
        {{ read_timestamp('updated_at') }} as given_updated_at,
        source_file,
        source_version,
        row_hash,
        unreadable_line,
        json_line,
        company_size as company_size_text,
        marketing_consent as marketing_consent_text,
        birth_date as birth_date_text,
        signed_up_at as signed_up_at_text,
        updated_at as updated_at_text,
        traits as traits_text,
        {{ row_record('raw_users') }} as raw_record
    from raw_users
),

judged as (
    select
        *,
        -- Without any time a profile has held since the beginning of time.
        coalesce(
            given_updated_at,
            signed_up_at,
            cast('1900-01-01' as {{ dbt.type_timestamp() }})
        ) as updated_at,
        case
            when unreadable_line is not null then 'unreadable line'
            when user_id is null then 'missing user_id'
            when given_updated_at is null and nullif(updated_at_text, '') is not null
                then 'unreadable updated_at'
        end as rejected_reason,
        (company_size is null and nullif(company_size_text, '') is not null)
        or (
            marketing_consent is null
            and nullif(marketing_consent_text, '') is not null
        )
        or (birth_date is null and nullif(birth_date_text, '') is not null)
        or (signed_up_at is null and nullif(signed_up_at_text, '') is not null)
            as has_unreadable_value,
        traits is null and nullif(traits_text, '') is not null as has_unreadable_json
    from read
),

new_deliveries as (
    select
        user_id,
        first_name,
        email,
        gender,
        country,
        city,
        language,
        plan,
        company,
        industry,
        traits,
        source_file,
        source_version,
        row_hash,
        rejected_reason,
        case
            when rejected_reason is not null
                then coalesce(json_line, {{ row_as_json('raw_record') }})
        end as raw_row,
        company_size,
        marketing_consent,
        has_unreadable_value,
        has_unreadable_json,
        birth_date,
        signed_up_at,
        updated_at
    from judged
),
{%- if is_increment() %}

-- As for events: what stands no longer is kept for one more build.
withdrawn as (
    select * from {{ this }}
    where
        not is_withdrawn
        and {{ withdrawn_deliveries('users', changes) }}
),

touched_users as (
    select coalesce(user_id, '') as user_key
    from new_deliveries
    {{ set_operator('union') }}
    select coalesce(user_id, '') as user_key
    from withdrawn
),

earlier as (
    select * from {{ this }}
    where
        coalesce(user_id, '') in (select user_key from touched_users)
        and not (is_withdrawn and build_number < {{ build_number() }})
),
{%- endif %}

deliveries as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        false as is_withdrawn
    from new_deliveries
    {%- if is_increment() %}
    union all
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        is_withdrawn or {{ withdrawn_deliveries('users', changes) }} as is_withdrawn
    from earlier
    {%- endif %}
)

select
    user_id,
    first_name,
    email,
    gender,
    country,
    city,
    language,
    plan,
    company,
    industry,
    traits,
    source_file,
    source_version,
    row_hash,
    rejected_reason,
    raw_row,
    company_size,
    -- Rows of one user with the same time are merged; which is first does not matter.
    case
        when rejected_reason is null and not is_withdrawn
            then row_number() over (
                partition by rejected_reason, is_withdrawn, user_id, updated_at
                order by source_file, row_hash
            )
    end as delivery_number,
    cast({{ build_number() }} as integer) as build_number,
    marketing_consent,
    has_unreadable_value,
    has_unreadable_json,
    is_withdrawn,
    birth_date,
    signed_up_at,
    updated_at
from deliveries
