-- Staff, bots and test accounts are left out everywhere.
select
    facts.as_of_date,
    facts.user_id
from {{ ref('user_facts') }} as facts
inner join {{ ref('int_excluded_users') }} as excluded_users
    on facts.user_id = excluded_users.user_id
