{{ config(materialized='view') }}
{%- set double = type_double() -%}
with

-- Users with the same score share the mean of the ranks that they take up.
ranked as (
    select
        as_of_date,
        model,
        predicted_value,
        observed_value,
        rank() over (
            partition by as_of_date, model order by predicted_value
        ) + (
            count(*) over (partition by as_of_date, model, predicted_value) - 1
        ) / 2.0 as mean_rank
    from {{ ref('score_outcomes') }}
),

summed as (
    select
        as_of_date,
        model,
        count(*) as user_count,
        {{ rounded('avg(predicted_value)', 6) }} as predicted_value,
        {{ rounded('avg(observed_value)', 6) }} as observed_value,
        {{ rounded('avg(abs(predicted_value - observed_value))', 6) }}
            as mean_absolute_error,
        {{ rounded('avg(power(predicted_value - observed_value, 2))', 6) }}
            as mean_squared_error,
        cast(sum(case when observed_value = 1 then mean_rank end) as {{ double }})
            as positive_rank_sum,
        cast(count(case when observed_value = 1 then 1 end) as {{ double }})
            as positive_count,
        cast(count(case when observed_value = 0 then 1 end) as {{ double }})
            as negative_count
    from ranked
    group by
        as_of_date,
        model
)

select
    as_of_date,
    model,
    user_count,
    predicted_value,
    observed_value,
    {{ rounded('predicted_value / nullif(observed_value, 0)', 6) }}
        as predicted_to_observed_ratio,
    mean_absolute_error,
    case when model = 'churn' then mean_squared_error end as brier_score,
    -- The share of pairs, one who left and one who stayed, of which the model gives the
    -- higher probability to the one who left; a tie is half a pair.
    case
        when model = 'churn'
            then {{ rounded(
                '(positive_rank_sum - positive_count * (positive_count + 1) / 2)'
                ~ ' / nullif(positive_count * negative_count, 0)', 6
            ) }}
    end as auc
from summed
