{{ config(materialized=view_unless_spark()) }}

select distinct user_id
from {{ ref('stg_user_deliveries') }}
where
    rejected_reason is null
    and {{ is_news() }}
