with

excluded_users as (
    select * from {{ ref('excluded_users') }}
),

events as (
    select * from {{ ref('int_events') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

-- Every user that may exist on some date, with each value that a pattern can be held to.
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
    min(excluded_users.reason) as reason
from candidates
inner join excluded_users
    on
        candidates.field = excluded_users.field
        and (
            (
                excluded_users.operator = '='
                and candidates.value = excluded_users.pattern
            )
            or (
                excluded_users.operator = 'starts with'
                and {{ text_contains('candidates.value', 'excluded_users.pattern', 'start') }}
            )
            or (
                excluded_users.operator = 'ends with'
                and {{ text_contains('candidates.value', 'excluded_users.pattern', 'end') }}
            )
            or (
                excluded_users.operator = 'contains'
                and {{ text_contains('candidates.value', 'excluded_users.pattern') }}
            )
        )
group by candidates.user_id
