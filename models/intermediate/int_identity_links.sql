{{ config(materialized='view') }}

-- Last known link: from each day with a login on, the user seen last that day.
select
    anonymous_id,
    user_id,
    activity_date as valid_from_date,
    lead(activity_date) over (
        partition by anonymous_id
        order by activity_date
    ) as valid_to_date
from {{ ref('int_identity_link_days') }}
where is_last
