{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
{%- set windows = [7, 30, 90, 365] -%}
{%- set counts = [
    'event_count', 'session_count', 'product_view_count', 'cart_add_count',
    'login_count', 'purchase_count',
] -%}
{%- set context_columns = [
    'platform', 'device_type', 'os', 'browser', 'app_version', 'country', 'city',
] -%}
with

user_identities as (
    select * from {{ ref('int_user_identities') }}
    where {{ only_due_dates() }}
),

identity_days as (
    select * from {{ ref('int_identity_days') }}
),

profiles as (
    select * from {{ ref('int_profiles_as_of') }}
    where {{ only_due_dates() }}
),

favourite_categories as (
    select * from {{ ref('user_affinities') }}
    where
        affinity_rank = 1
        and {{ only_due_dates() }}
),

-- One row per user, with a column for each habit that is a fact.
habits as (
    select
        as_of_date,
        user_id,
        max(case when habit = 'channel' then habit_value end) as preferred_channel,
        max(
            cast(case when habit = 'hour' then habit_value end as integer)
        ) as usual_hour
    from {{ ref('user_habits') }}
    where {{ only_due_dates() }}
    group by
        as_of_date,
        user_id
),

population as (
    select
        as_of_date,
        user_id,
        min(case when is_anonymous then 1 else 0 end) = 1 as is_anonymous
    from user_identities
    group by
        as_of_date,
        user_id
),

-- The days of a user with several devices add up before days are counted.
user_days as (
    select
        user_identities.as_of_date,
        user_identities.user_id,
        sum(identity_days.activity_event_count) as event_count,
        sum(identity_days.session_count) as session_count,
        sum(identity_days.purchase_count) as purchase_count,
        sum(identity_days.discounted_purchase_count) as discounted_purchase_count,
        sum(identity_days.purchase_revenue) as purchase_revenue,
        sum(identity_days.revenue) as revenue,
        sum(identity_days.product_view_count) as product_view_count,
        sum(identity_days.cart_add_count) as cart_add_count,
        sum(identity_days.login_count) as login_count,
        {{ dbt.datediff(
            'identity_days.activity_date', 'user_identities.as_of_date', 'day'
        ) }} as days_ago,
        identity_days.activity_date
    from identity_days
    inner join user_identities
        on
            identity_days.identity_id = user_identities.identity_id
            and identity_days.activity_date <= user_identities.as_of_date
    group by
        user_identities.as_of_date,
        user_identities.user_id,
        identity_days.activity_date
),

activity as (
    select
        as_of_date,
        user_id,
        {%- for name in counts %}
        {%- for days in windows %}
        sum(case when days_ago < {{ days }} then {{ name }} else 0 end)
            as {{ name }}_{{ days }}d,
        {%- endfor %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {%- for days in windows %}
        count(
            case when days_ago < {{ days }} and event_count > 0 then 1 end
        ) as active_day_count_{{ days }}d,
        sum(case when days_ago < {{ days }} then revenue end) as revenue_{{ days }}d,
        {%- endfor %}
        count(case when event_count > 0 then 1 end) as active_day_count,
        count(case when purchase_count > 0 then 1 end) as purchase_day_count,
        sum(revenue) as revenue,
        sum(case when days_ago < 365 then purchase_revenue end)
            as purchase_revenue_365d,
        sum(case when days_ago < 365 then discounted_purchase_count else 0 end)
            as discounted_purchase_count_365d,
        min(activity_date) as first_event_date,
        max(case when event_count > 0 then activity_date end)
            as last_active_date,
        min(case when purchase_count > 0 then activity_date end) as first_purchase_date,
        max(case when purchase_count > 0 then activity_date end) as last_purchase_date
    from user_days
    group by
        as_of_date,
        user_id
),

-- Where an identity was last is known on every day from then on, too.
known_days as (
    select
        identity_id,
        {%- for column in context_columns %}
        {{ last_known('last_' ~ column, 'identity_id', 'activity_date') }}
            as last_{{ column }},
        {{ last_known('last_' ~ column ~ '_at', 'identity_id', 'activity_date') }}
            as last_{{ column }}_at,
        {%- endfor %}
        activity_date,
        lead(activity_date) over (
            partition by identity_id order by activity_date
        ) as next_activity_date
    from identity_days
),

-- What the last day of each identity knows; of a user's identities the latest to know.
contexts as (
    select
        user_identities.as_of_date,
        {%- for column in context_columns %}
        {{ latest(
            'known_days.last_' ~ column,
            ['known_days.last_' ~ column ~ '_at', 'known_days.identity_id']
        ) }} as last_{{ column }},
        {%- endfor %}
        user_identities.user_id
    from known_days
    inner join user_identities
        on
            known_days.identity_id = user_identities.identity_id
            and known_days.activity_date <= user_identities.as_of_date
            and (
                known_days.next_activity_date > user_identities.as_of_date
                or known_days.next_activity_date is null
            )
    group by
        user_identities.as_of_date,
        user_identities.user_id
),

joined as (
    select
        population.as_of_date,
        population.user_id,
        profiles.first_name,
        profiles.email,
        profiles.gender,
        profiles.country,
        profiles.city,
        profiles.language,
        profiles.plan,
        profiles.company,
        profiles.industry,
        {%- for column in context_columns %}
        contexts.last_{{ column }},
        {%- endfor %}
        favourite_categories.category as favourite_category,
        favourite_categories.affinity_share as favourite_category_affinity_share,
        habits.preferred_channel,
        profiles.company_size,
        habits.usual_hour,
        {%- for name in counts %}
        {%- for days in windows %}
        coalesce(activity.{{ name }}_{{ days }}d, 0) as {{ name }}_{{ days }}d,
        {%- endfor %}
        coalesce(activity.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        {%- for days in windows %}
        coalesce(activity.active_day_count_{{ days }}d, 0)
            as active_day_count_{{ days }}d,
        {%- endfor %}
        coalesce(activity.active_day_count, 0) as active_day_count,
        coalesce(activity.purchase_day_count, 0) as purchase_day_count,
        {%- for days in windows %}
        coalesce(activity.revenue_{{ days }}d, 0) as revenue_{{ days }}d,
        {%- endfor %}
        coalesce(activity.revenue, 0) as revenue,
        activity.purchase_revenue_365d
        / nullif(activity.purchase_count_365d, 0) as average_order_value_365d,
        activity.discounted_purchase_count_365d
        / nullif(cast(activity.purchase_count_365d as {{ type_double() }}), 0)
            as discounted_purchase_share_365d,
        population.is_anonymous,
        profiles.marketing_consent,
        profiles.birth_date,
        activity.first_event_date,
        {{ local_date('profiles.signed_up_at') }} as signed_up_date,
        activity.last_active_date,
        activity.first_purchase_date,
        activity.last_purchase_date,
        profiles.signed_up_at
    from population
    left join profiles
        on
            population.as_of_date = profiles.as_of_date
            and population.user_id = profiles.user_id
    left join activity
        on
            population.as_of_date = activity.as_of_date
            and population.user_id = activity.user_id
    left join contexts
        on
            population.as_of_date = contexts.as_of_date
            and population.user_id = contexts.user_id
    left join favourite_categories
        on
            population.as_of_date = favourite_categories.as_of_date
            and population.user_id = favourite_categories.user_id
    left join habits
        on
            population.as_of_date = habits.as_of_date
            and population.user_id = habits.user_id
),

dated as (
    select
        *,
        least(
            coalesce(first_event_date, signed_up_date),
            coalesce(signed_up_date, first_event_date)
        ) as first_known_date,
        -- Two days with a purchase are one gap, which is no rhythm yet.
        case
            when purchase_day_count >= 3
                then round(
                    {{ dbt.datediff(
                        'first_purchase_date', 'last_purchase_date', 'day'
                    ) }}
                    / cast(purchase_day_count - 1 as {{ type_double() }}),
                    6
                )
        end as usual_purchase_gap_days
    from joined
)

select
    as_of_date,
    user_id,
    first_name,
    email,
    gender,
    country,
    city,
    language,
    plan,
    company,
    industry,
    {%- for column in context_columns %}
    last_{{ column }},
    {%- endfor %}
    favourite_category,
    cast(favourite_category_affinity_share as {{ type_double() }})
        as favourite_category_affinity_share,
    preferred_channel,
    company_size,
    usual_hour,
    cast({{ whole_years('birth_date', 'as_of_date') }} as integer) as age_years,
    {%- for name, date in {
        'tenure_days': 'first_known_date',
        'days_since_first_event': 'first_event_date',
        'days_since_last_active': 'last_active_date',
        'days_since_first_purchase': 'first_purchase_date',
        'days_since_last_purchase': 'last_purchase_date',
    }.items() %}
    cast({{ dbt.datediff(date, 'as_of_date', 'day') }} as integer) as {{ name }},
    {%- endfor %}
    usual_purchase_gap_days,
    round(
        {{ dbt.datediff('last_purchase_date', 'as_of_date', 'day') }}
        / usual_purchase_gap_days,
        6
    ) as purchase_gap_ratio,
    {%- for name in counts + ['active_day_count'] %}
    {%- for days in windows %}
    cast({{ name }}_{{ days }}d as integer) as {{ name }}_{{ days }}d,
    {%- endfor %}
    cast({{ name }} as integer) as {{ name }},
    {%- endfor %}
    cast(purchase_day_count as integer) as purchase_day_count,
    {%- for days in windows %}
    cast(revenue_{{ days }}d as decimal(18, 4)) as revenue_{{ days }}d,
    {%- endfor %}
    cast(revenue as decimal(18, 4)) as revenue,
    -- Without those who bring nothing a rank is one among those who bring something.
    cast(case when revenue_365d > 0 then revenue_365d end as decimal(18, 4))
        as positive_revenue_365d,
    cast(average_order_value_365d as decimal(18, 4)) as average_order_value_365d,
    discounted_purchase_share_365d,
    is_anonymous,
    marketing_consent,
    birth_date,
    first_known_date,
    first_event_date,
    last_active_date,
    first_purchase_date,
    last_purchase_date,
    signed_up_at
from dated
