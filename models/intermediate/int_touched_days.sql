{{ config(materialized=view_unless_spark()) }}

select distinct activity_date
from {{ ref('stg_event_deliveries') }}
where
    rejected_reason is null
    and {{ is_news() }}
