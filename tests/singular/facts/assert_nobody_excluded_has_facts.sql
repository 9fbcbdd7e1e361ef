-- Staff, bots and test accounts are left out everywhere, on each date that is computed:
-- who is found to be one later stays in what was said of dates that have closed.
select
    facts.as_of_date,
    facts.user_id
from {{ ref('user_facts') }} as facts
inner join {{ ref('int_as_of_dates') }} as as_of_dates
    on facts.as_of_date = as_of_dates.as_of_date
inner join {{ ref('int_excluded_users') }} as excluded_users
    on facts.user_id = excluded_users.user_id
where as_of_dates.is_due
