{{ config(materialized='view') }}

with

deciles as (
    select
        as_of_date,
        model,
        {{ quantile_bucket('predicted_value', 10, 'as_of_date, model') }}
            as decile,
        predicted_value,
        observed_value
    from {{ ref('score_outcomes') }}
)

select
    as_of_date,
    model,
    decile,
    count(*) as user_count,
    {{ rounded('avg(predicted_value)', 6) }} as predicted_value,
    {{ rounded('avg(observed_value)', 6) }} as observed_value
from deciles
group by
    as_of_date,
    model,
    decile
