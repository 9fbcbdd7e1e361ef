{{ config(materialized='view') }}

with

patterns as (
    select * from {{ ref('excluded_users') }}
),

identities as (
    select distinct identity_id from {{ ref('int_identity_days') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

-- Every user that may exist on some date, with each value that a pattern can match.
candidates as (
    select
        substring(identity_id, 6) as user_id,
        'user_id' as field,
        substring(identity_id, 6) as value
    from identities
    where identity_id like 'user:%'
    {{ set_operator('union') }}
    select
        substring(identity_id, 11) as user_id,
        'anonymous_id' as field,
        substring(identity_id, 11) as value
    from identities
    where identity_id like 'anonymous:%'
    {{ set_operator('union') }}
    select distinct
        user_id,
        'user_id' as field,
        user_id as value
    from users
    {{ set_operator('union') }}
    select distinct
        user_id,
        'email' as field,
        email as value
    from users
    where email is not null
)

select
    candidates.user_id,
    min(patterns.reason) as reason
from candidates
inner join patterns
    on
        candidates.field = patterns.field
        and (
            (
                patterns.operator = '='
                and candidates.value = patterns.pattern
            )
            or (
                patterns.operator = 'starts with'
                and {{ text_contains('candidates.value', 'patterns.pattern', 'start') }}
            )
            or (
                patterns.operator = 'ends with'
                and {{ text_contains('candidates.value', 'patterns.pattern', 'end') }}
            )
            or (
                patterns.operator = 'contains'
                and {{ text_contains('candidates.value', 'patterns.pattern') }}
            )
        )
group by candidates.user_id
