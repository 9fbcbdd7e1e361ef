with

patterns as (
    select * from {{ ref('excluded_users') }}
),

events as (
    select * from {{ ref('int_events') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

-- Every user that may exist on some date, with each value that a pattern can match.
candidates as (
    select distinct
        user_id,
        'user_id' as field,
        user_id as value
    from events
    where user_id is not null
    union
    select distinct
        anonymous_id as user_id,
        'anonymous_id' as field,
        anonymous_id as value
    from events
    where anonymous_id is not null
    union
    select distinct
        user_id,
        'user_id' as field,
        user_id as value
    from users
    union
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
