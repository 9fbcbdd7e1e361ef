-- The score table covers every combination of scores: no buyer falls through it.
select
    facts.as_of_date,
    facts.user_id
from {{ ref('user_facts') }} as facts
left join {{ ref('user_rfm') }} as rfm
    on
        facts.as_of_date = rfm.as_of_date
        and facts.user_id = rfm.user_id
where
    (facts.purchase_count > 0 and rfm.user_id is null)
    or (facts.purchase_count = 0 and rfm.user_id is not null)
