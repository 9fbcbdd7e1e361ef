{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
with

user_identities as (
    select * from {{ ref('int_user_identities') }}
    where {{ only_due_dates() }}
),

category_days as (
    select * from {{ ref('int_category_days') }}
),

affinities as (
    select
        user_identities.as_of_date,
        user_identities.user_id,
        category_days.category,
        cast(sum(category_days.event_count) as bigint) as event_count,
        sum(
            category_days.weight * {{ time_decay(
                'category_days.activity_date',
                'user_identities.as_of_date',
                var('affinity_half_life_days', 30),
            ) }}
        ) as affinity,
        max(category_days.activity_date) as last_activity_date
    from category_days
    inner join user_identities
        on
            category_days.identity_id = user_identities.identity_id
            and category_days.activity_date <= user_identities.as_of_date
    group by
        user_identities.as_of_date,
        user_identities.user_id,
        category_days.category
),

-- Rounded before ranking: sums of floating numbers differ with the order of adding.
rounded as (
    select
        as_of_date,
        user_id,
        category,
        event_count,
        {{ rounded('affinity', 6) }} as affinity,
        last_activity_date
    from affinities
)

select
    as_of_date,
    user_id,
    category,
    event_count,
    affinity,
    affinity / nullif(
        sum(affinity) over (partition by as_of_date, user_id), 0
    ) as affinity_share,
    cast(
        row_number() over (
            partition by as_of_date, user_id
            order by affinity desc, last_activity_date desc, category asc
        ) as bigint
    ) as affinity_rank,
    last_activity_date
from rounded
