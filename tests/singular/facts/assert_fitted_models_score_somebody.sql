{{ config(severity='warn') }}

with

current_dates as (
    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_current
),

scored as (
    select
        'clusters' as model,
        count(*) as user_count
    from {{ ref('user_clusters') }}
    where as_of_date in (select current_dates.as_of_date from current_dates)
    union all
    select
        'churn' as model,
        count(churn_probability_56d) as user_count
    from {{ ref('user_scores') }}
    where as_of_date in (select current_dates.as_of_date from current_dates)
    union all
    select
        'value' as model,
        count(expected_revenue_90d) as user_count
    from {{ ref('user_scores') }}
    where as_of_date in (select current_dates.as_of_date from current_dates)
)

select
    model,
    user_count
from scored
where user_count = 0
