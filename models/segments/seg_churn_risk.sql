-- Written by hand: rules read user_facts, scores come from fitted seeds.
{{ hand_written_segmentation(assignment='exclusive') }}
{%- set high_from = 0.7 -%}
{%- set medium_from = 0.4 %}

select
    users.as_of_date,
    users.user_id,
    'churn_risk' as segmentation,
    case
        when scores.churn_probability_56d >= {{ high_from }} then 'high_risk'
        when scores.churn_probability_56d >= {{ medium_from }} then 'medium_risk'
        when scores.churn_probability_56d is not null then 'low_risk'
        else 'not_scored'
    end as segment,
    {{ hand_written_hash() }} as rule_hash
from {{ ref('user_facts') }} as users
left join {{ ref('user_scores') }} as scores
    on
        users.as_of_date = scores.as_of_date
        and users.user_id = scores.user_id
where {{ only_due_snapshots('churn_risk', 'users.as_of_date') }}
