{{ config(materialized='view') }}

select
    scores.as_of_date,
    scores.user_id,
    'churn' as model,
    scores.churn_probability_56d as predicted_value,
    cast(
        case when outcomes.purchase_count_next_56d = 0 then 1 else 0 end
        as {{ type_double() }}
    ) as observed_value
from {{ ref('user_scores') }} as scores
inner join {{ ref('buyer_outcomes') }} as outcomes
    on
        scores.as_of_date = outcomes.as_of_date
        and scores.user_id = outcomes.user_id
where scores.churn_probability_56d is not null
union all
select
    scores.as_of_date,
    scores.user_id,
    'value' as model,
    cast(scores.expected_revenue_90d as {{ type_double() }}) as predicted_value,
    cast(outcomes.revenue_next_90d as {{ type_double() }}) as observed_value
from {{ ref('user_scores') }} as scores
inner join {{ ref('buyer_outcomes') }} as outcomes
    on
        scores.as_of_date = outcomes.as_of_date
        and scores.user_id = outcomes.user_id
where
    scores.expected_revenue_90d is not null
    and outcomes.revenue_next_90d is not null
