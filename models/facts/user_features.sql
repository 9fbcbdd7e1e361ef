{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
{#- Nothing for longer than this is as good as never, and so is never itself. -#}
{%- set longest_days = 365 -%}
{#- Who is scored: users about whom there is something to predict. -#}
{%- set active_days = 90 -%}
{%- set buyer_days = 180 -%}
{%- set double = type_double() -%}
with

user_facts as (
    select * from {{ ref('user_facts') }}
    where {{ only_due_dates() }}
),

-- Numbers that grow without end are logarithms: the step from 1 to 2 purchases says
-- more than that from 21 to 22. The windows are no longer than 90 days, so that a
-- feature means the same in the first year of a shop and in the fifth.
features as (
    select
        as_of_date,
        user_id,
        {%- for feature, days in {
            'purchase_recency_log': 'days_since_last_purchase',
            'activity_recency_log': 'days_since_last_active',
        }.items() %}
        ln(1 + least(coalesce({{ days }}, {{ longest_days }}), {{ longest_days }}))
            as {{ feature }},
        {%- endfor %}
        -- A profile may say that somebody signs up after the date.
        ln(1 + least(greatest(coalesce(tenure_days, 0), 0), {{ longest_days }}))
            as tenure_log,
        {%- for feature, count in {
            'purchase_count_90d_log': 'purchase_count_90d',
            'purchase_count_30d_log': 'purchase_count_30d',
            'revenue_90d_log': 'revenue_90d',
            'active_day_count_90d_log': 'active_day_count_90d',
            'product_view_count_30d_log': 'product_view_count_30d',
            'cart_add_count_30d_log': 'cart_add_count_30d',
        }.items() %}
        -- Refunds can bring revenue below 0.
        ln(1 + greatest({{ count }}, 0)) as {{ feature }},
        {%- endfor %}
        coalesce(discounted_purchase_share_365d, 0) as discounted_purchase_share,
        not is_anonymous
        and coalesce(days_since_last_active < {{ active_days }}, false)
            as is_active_known_user,
        coalesce(days_since_last_purchase < {{ buyer_days }}, false) as is_recent_buyer
    from user_facts
)

-- The last digits of a logarithm differ between machines.
select
    as_of_date,
    user_id,
    {%- for feature in feature_columns() %}
    {{ rounded('cast(' ~ feature ~ ' as ' ~ double ~ ')', 9) }} as {{ feature }},
    {%- endfor %}
    is_active_known_user,
    is_recent_buyer
from features
