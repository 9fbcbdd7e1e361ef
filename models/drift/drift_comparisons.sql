{{ config(materialized=view_unless_spark()) }}

with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

baseline_dates as (
    select min(as_of_date) as baseline_as_of_date
    from as_of_dates
    where is_kept
    {%- if var('drift_baseline_date', none) %}
        and as_of_date >= cast({{ text_literal(var('drift_baseline_date')) }} as date)
    {%- endif %}
)

select
    as_of_date,
    'previous' as comparison,
    previous_as_of_date as compared_as_of_date,
    is_current,
    is_provisional
from as_of_dates
where previous_as_of_date is not null
union all
select
    as_of_dates.as_of_date,
    'baseline' as comparison,
    baseline_dates.baseline_as_of_date as compared_as_of_date,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from as_of_dates
inner join baseline_dates
    on as_of_dates.as_of_date > baseline_dates.baseline_as_of_date
