{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}

with

buyers as (
    select
        as_of_date,
        user_id,
        days_since_last_purchase as recency_days,
        purchase_count as frequency_count,
        revenue as monetary_amount
    from {{ ref('user_facts') }}
    where
        purchase_count > 0
        and {{ only_due_dates() }}
),

rfm_segments as (
    select * from {{ ref('rfm_segments') }}
),

scores as (
    select
        as_of_date,
        user_id,
        recency_days,
        frequency_count,
        monetary_amount,
        {{ quantile_bucket('recency_days', 5, 'as_of_date', descending=true) }}
            as recency_score,
        {{ quantile_bucket('frequency_count', 5, 'as_of_date') }} as frequency_score,
        {{ quantile_bucket('monetary_amount', 5, 'as_of_date') }} as monetary_score
    from buyers
),

-- The score table is ordered: the first line that fits wins.
matched as (
    select
        scores.*,
        rfm_segments.segment as rfm_segment,
        row_number() over (
            partition by scores.as_of_date, scores.user_id
            order by rfm_segments.position
        ) as match_number
    from scores
    inner join rfm_segments
        on
            scores.recency_score
            between rfm_segments.recency_from and rfm_segments.recency_to
            and scores.frequency_score
            between rfm_segments.frequency_from and rfm_segments.frequency_to
            and scores.monetary_score
            between rfm_segments.monetary_from and rfm_segments.monetary_to
)

select
    as_of_date,
    user_id,
    rfm_segment,
    recency_days,
    frequency_count,
    monetary_amount,
    recency_score,
    frequency_score,
    monetary_score
from matched
where match_number = 1
