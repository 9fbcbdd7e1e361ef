{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_outcomes'},
) }}
{#- Each KPI is a number per user: a rate is the mean of 0 and 1. -#}
{%- set kpis = {
    'conversion': 'case when has_purchased then 1 else 0 end',
    'revenue': 'revenue',
    'retention': 'case when has_returned then 1 else 0 end',
} -%}
with

outcomes as (
    select
        as_of_date,
        user_id,
        {%- for name, value in kpis.items() %}
        cast({{ value }} as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        outcome_until_date
    from {{ ref('user_outcomes') }}
    where {{ only_due_outcomes() }}
),

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
    where {{ only_due_outcomes() }}
),

segment_totals as (
    select
        outcomes.as_of_date,
        memberships.segmentation,
        memberships.segment,
        count(*) as user_count,
        {%- for name in kpis %}
        sum(outcomes.{{ name }}) as {{ name }}_sum,
        sum(outcomes.{{ name }} * outcomes.{{ name }}) as {{ name }}_square_sum,
        {%- endfor %}
        max(outcomes.outcome_until_date) as outcome_until_date
    from outcomes
    inner join memberships
        on
            outcomes.as_of_date = memberships.as_of_date
            and outcomes.user_id = memberships.user_id
    group by
        outcomes.as_of_date,
        memberships.segmentation,
        memberships.segment
),

everyone_totals as (
    select
        as_of_date,
        count(*) as user_count
        {%- for name in kpis -%}
        ,
        sum({{ name }}) as {{ name }}_sum,
        sum({{ name }} * {{ name }}) as {{ name }}_square_sum
        {%- endfor %}
    from outcomes
    group by as_of_date
),

long as (
    {%- for name in kpis %}
    select
        segment_totals.as_of_date,
        segment_totals.segmentation,
        segment_totals.segment,
        '{{ name }}' as kpi,
        segment_totals.user_count,
        segment_totals.{{ name }}_sum as value_sum,
        segment_totals.{{ name }}_square_sum as square_sum,
        everyone_totals.user_count as everyone_user_count,
        everyone_totals.{{ name }}_sum as everyone_value_sum,
        everyone_totals.{{ name }}_square_sum as everyone_square_sum,
        segment_totals.outcome_until_date
    from segment_totals
    inner join everyone_totals
        on segment_totals.as_of_date = everyone_totals.as_of_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    as_of_date,
    segmentation,
    segment,
    kpi,
    {{ var('outcome_days', 28) }} as outcome_days,
    user_count,
    cast(value_sum as {{ type_double() }}) as value_sum,
    cast(square_sum as {{ type_double() }}) as square_sum,
    cast(value_sum as {{ type_double() }}) / user_count as user_average,
    everyone_user_count,
    cast(everyone_value_sum as {{ type_double() }}) as everyone_value_sum,
    cast(everyone_square_sum as {{ type_double() }}) as everyone_square_sum,
    cast(everyone_value_sum as {{ type_double() }}) / everyone_user_count
        as everyone_average,
    (cast(value_sum as {{ type_double() }}) / user_count)
    / nullif(
        cast(everyone_value_sum as {{ type_double() }}) / everyone_user_count, 0
    ) as ratio_to_everyone,
    outcome_until_date
from long
