{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
{%- set value_days = 90 -%}
{%- set double = type_double() -%}
with

users as (
    select * from {{ ref('user_features') }}
    where {{ only_due_dates() }}
),

-- BG/NBD counts purchases after the first one, and days from it.
buyers as (
    select
        as_of_date,
        user_id,
        purchase_count,
        purchase_count - 1 as repeated_purchase_count,
        days_since_first_purchase - days_since_last_purchase as last_purchase_age_days,
        days_since_first_purchase as age_days,
        cast(revenue as {{ double }}) as revenue
    from {{ ref('user_facts') }}
    where
        purchase_count > 0
        and {{ only_due_dates() }}
),

scalings as (
    select
        {{ pivoted_features('mean', suffix='_mean') }},
        {{ pivoted_features('standard_deviation', suffix='_deviation') }}
    from {{ ref('feature_scalings') }}
    where model = 'churn'
),

coefficients as (
    select
        max(case when feature = 'intercept' then coefficient end) as intercept,
        {{ pivoted_features('coefficient') }}
    from {{ ref('churn_coefficients') }}
),

parameters as (
    select
        max(case when parameter = 'r' then value end) as r,
        max(case when parameter = 'alpha' then value end) as alpha,
        max(case when parameter = 'a' then value end) as a,
        max(case when parameter = 'b' then value end) as b,
        max(case when parameter = 'prior_purchase_count' then value end)
            as prior_purchase_count,
        max(case when parameter = 'prior_order_value' then value end)
            as prior_order_value
    from {{ ref('value_parameters') }}
),

churn as (
    select
        users.as_of_date,
        users.user_id,
        coefficients.intercept
        {%- for feature in feature_columns() %}
        + coefficients.{{ feature }} * {{ standardised(
            'users.' ~ feature,
            'scalings.' ~ feature ~ '_mean',
            'scalings.' ~ feature ~ '_deviation',
        ) }}
        {%- endfor %} as logit
    from users
    cross join scalings
    cross join coefficients
    where users.is_recent_buyer
),

-- What a buyer's purchases say of how often that buyer purchases, of the probability to
-- leave after one, of having left, and of the mean order. Nobody leaves before the
-- second purchase.
estimates as (
    select
        buyers.as_of_date,
        buyers.user_id,
        (parameters.r + buyers.repeated_purchase_count)
        / (parameters.alpha + buyers.age_days) as daily_purchase_count,
        parameters.a
        / (parameters.a + parameters.b + buyers.repeated_purchase_count)
            as leaving_probability,
        case
            when buyers.repeated_purchase_count = 0 then 0
            else
                parameters.a / (parameters.b + buyers.repeated_purchase_count - 1)
                * {{ bounded_exp(
                    '(parameters.r + buyers.repeated_purchase_count) * ln('
                    ~ '(parameters.alpha + buyers.age_days)'
                    ~ ' / (parameters.alpha + buyers.last_purchase_age_days))'
                ) }}
        end as gone_odds,
        (
            parameters.prior_purchase_count * parameters.prior_order_value
            + buyers.revenue
        ) / (parameters.prior_purchase_count + buyers.purchase_count)
            as expected_order_value
    from buyers
    cross join parameters
),

-- With rate l and probability p to leave after a purchase, (1 - exp(-l p t)) / p
-- purchases are expected of t days: fewer than l t, since some leave within them. The
-- buyer's own l and p stand for their distributions, which saves a series that has no
-- end and changes the sum over buyers by less than one percent.
expected as (
    select
        as_of_date,
        user_id,
        case when leaving_probability is not null then 1 / (1 + gone_odds) end
            as alive_probability,
        (
            1 - {{ exponential(
                '-daily_purchase_count * leaving_probability * ' ~ value_days
            ) }}
        ) / leaving_probability / (1 + gone_odds) as expected_purchase_count,
        -- Who gave back more than was bought is expected to bring nothing, not a loss.
        case when expected_order_value < 0 then 0 else expected_order_value end
            as expected_order_value
    from estimates
)

select
    expected.as_of_date,
    expected.user_id,
    {{ rounded('1 / (1 + ' ~ bounded_exp('-churn.logit') ~ ')', 6) }}
        as churn_probability_56d,
    {{ rounded('expected.alive_probability', 6) }} as alive_probability,
    {{ rounded('expected.expected_purchase_count', 6) }}
        as expected_purchase_count_{{ value_days }}d,
    cast(expected.expected_order_value as decimal(18, 4)) as expected_order_value,
    cast(
        expected.expected_purchase_count * expected.expected_order_value
        as decimal(18, 4)
    ) as expected_revenue_{{ value_days }}d
from expected
left join churn
    on
        expected.as_of_date = churn.as_of_date
        and expected.user_id = churn.user_id
