{{ config(materialized='view') }}

{#- One column per segmentation that is switched on: columns follow the variable. -#}
with

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

population as (
    select
        user_facts.as_of_date,
        user_facts.user_id,
        user_facts.is_anonymous
    from {{ ref('user_facts') }} as user_facts
    inner join current_dates
        on user_facts.as_of_date = current_dates.as_of_date
),

memberships as (
    select
        memberships.user_id,
        memberships.segmentation,
        memberships.segment
    from {{ ref('segment_memberships') }} as memberships
    inner join current_dates
        on memberships.as_of_date = current_dates.as_of_date
),

ordered as (
    select
        user_id,
        segmentation,
        {{ text_list('segment', "', '", 'segment') }} as segments,
        count(*) as segment_count
    from memberships
    group by
        user_id,
        segmentation
),

wide as (
    select
        user_id,
        {%- for name in var('segmentations', []) %}
        max(case when segmentation = '{{ name }}' then segments end) as {{ name }},
        {%- endfor %}
        sum(segment_count) as segment_count
    from ordered
    group by user_id
)

select
    population.as_of_date,
    population.user_id,
    {%- for name in var('segmentations', []) %}
    wide.{{ name }},
    {%- endfor %}
    cast(coalesce(wide.segment_count, 0) as integer) as segment_count,
    population.is_anonymous
from population
left join wide
    on population.user_id = wide.user_id
