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
{#- What a day tells: its column in int_identity_days. A sum is as wide as an engine can
    make it, and slow to add up again; these types fit. -#}
{%- set day_columns = {
    'event_count': 'activity_event_count',
    'session_count': 'session_count',
    'product_view_count': 'product_view_count',
    'cart_add_count': 'cart_add_count',
    'login_count': 'login_count',
    'purchase_count': 'purchase_count',
    'discounted_purchase_count': 'discounted_purchase_count',
    'purchase_revenue': 'purchase_revenue',
    'revenue': 'revenue',
} -%}
{%- set types = {} -%}
{%- for name in day_columns -%}
    {%- do types.update({
        name: 'decimal(18, 4)' if 'revenue' in name else 'bigint'
    }) -%}
{%- endfor -%}
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

identity_users as (
    select distinct
        identity_id,
        user_id
    from user_identities
),

-- Days on which several identities of a user were active on any of the dates.
shared_days as (
    select
        identity_users.user_id,
        identity_days.activity_date
    from identity_days
    inner join identity_users
        on identity_days.identity_id = identity_users.identity_id
    group by
        identity_users.user_id,
        identity_days.activity_date
    having count(*) > 1
),

-- These add up before days are counted; all others are a user's day as they are, which
-- saves to group every day once per date.
user_days as (
    {%- for is_shared in [false, true] %}
    select
        user_identities.as_of_date,
        user_identities.user_id,
        {%- for name, column in day_columns.items() %}
        {%- set value = 'identity_days.' ~ column %}
        cast(
            {{ 'sum(' ~ value ~ ')' if is_shared else value }} as {{ types[name] }}
        ) as {{ name }},
        {%- endfor %}
        {{ dbt.datediff(
            'identity_days.activity_date', 'user_identities.as_of_date', 'day'
        ) }} as days_ago,
        identity_days.activity_date
    from identity_days
    inner join user_identities
        on
            identity_days.identity_id = user_identities.identity_id
            and identity_days.activity_date <= user_identities.as_of_date
    {{ 'inner' if is_shared else 'left' }} join shared_days
        on
            user_identities.user_id = shared_days.user_id
            and identity_days.activity_date = shared_days.activity_date
    {%- if is_shared %}
    group by
        user_identities.as_of_date,
        user_identities.user_id,
        identity_days.activity_date
    {%- else %}
    where shared_days.user_id is null
    union all
    {%- endif %}
    {%- endfor %}
),

-- What lies in no shorter window than this one, so that each day is added once and not
-- once per window.
window_sums as (
    select
        as_of_date,
        user_id,
        case
            {%- for days in windows %}
            when days_ago < {{ days }} then {{ days }}
            {%- endfor %}
        end as window_days,
        {%- for name in day_columns %}
        cast(sum({{ name }}) as {{ types[name] }}) as {{ name }},
        {%- endfor %}
        count(case when event_count > 0 then 1 end) as active_day_count,
        count(case when purchase_count > 0 then 1 end) as purchase_day_count,
        min(activity_date) as first_event_date,
        max(case when event_count > 0 then activity_date end)
            as last_active_date,
        min(case when purchase_count > 0 then activity_date end) as first_purchase_date,
        max(case when purchase_count > 0 then activity_date end) as last_purchase_date
    from user_days
    group by
        as_of_date,
        user_id,
        window_days
),

activity as (
    select
        as_of_date,
        user_id,
        {%- for name in counts + ['active_day_count'] %}
        {%- for days in windows %}
        sum(case when window_days <= {{ days }} then {{ name }} else 0 end)
            as {{ name }}_{{ days }}d,
        {%- endfor %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {%- for days in windows %}
        sum(case when window_days <= {{ days }} then revenue end)
            as revenue_{{ days }}d,
        {%- endfor %}
        sum(purchase_day_count) as purchase_day_count,
        sum(revenue) as revenue,
        sum(case when window_days <= 365 then purchase_revenue end)
            as purchase_revenue_365d,
        sum(
            case when window_days <= 365 then discounted_purchase_count else 0 end
        ) as discounted_purchase_count_365d,
        min(first_event_date) as first_event_date,
        max(last_active_date) as last_active_date,
        min(first_purchase_date) as first_purchase_date,
        max(last_purchase_date) as last_purchase_date
    from window_sums
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
        {{ rounded(
            'activity.purchase_revenue_365d / nullif(cast('
            ~ 'activity.purchase_count_365d as ' ~ type_double() ~ '), 0)', 4
        ) }} as average_order_value_365d,
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
                then {{ rounded(
                    dbt.datediff('first_purchase_date', 'last_purchase_date', 'day')
                    ~ ' / cast(purchase_day_count - 1 as ' ~ type_double() ~ ')', 6
                ) }}
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
    {{ rounded(
        dbt.datediff('last_purchase_date', 'as_of_date', 'day')
        ~ ' / usual_purchase_gap_days', 6
    ) }} as purchase_gap_ratio,
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
