{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_pairs'},
) }}
{%- set measures = var('profile_measures', []) -%}
{%- set categories = var('profile_categories', []) -%}
with

as_of_dates as (
    select
        as_of_date,
        is_current,
        is_provisional
    from {{ ref('int_as_of_dates') }}
),

-- Decimals add up to the same in any order, floating numbers do not.
user_facts as (
    select
        as_of_date,
        user_id,
        {%- for name in measures %}
        cast({{ name }} as decimal(18, 6)) as {{ name }},
        {%- endfor %}
        {%- for name in categories %}
        coalesce(nullif({{ name }}, ''), '(unknown)') as {{ name }},
        {%- endfor %}
        1 as user_count
    from {{ ref('user_facts') }}
    where {{ only_due_snapshots() }}
),

members as (
    select
        memberships.segmentation,
        memberships.segment,
        user_facts.*
    from user_facts
    inner join {{ ref('segment_memberships') }} as memberships
        on
            user_facts.as_of_date = memberships.as_of_date
            and user_facts.user_id = memberships.user_id
    where {{ only_due_snapshots(column='memberships.as_of_date') }}
),

segments as (
    select
        as_of_date,
        segmentation,
        segment,
        {%- for name in measures %}
        cast(sum({{ name }}) as {{ type_double() }}) / nullif(count({{ name }}), 0)
            as {{ name }},
        {%- endfor %}
        {%- for name in categories %}
        count(case when {{ name }} <> '(unknown)' then 1 end) as {{ name }}_count,
        {%- endfor %}
        count(*) as user_count
    from members
    group by
        as_of_date,
        segmentation,
        segment
),

everyone as (
    select
        as_of_date,
        {%- for name in measures %}
        cast(sum({{ name }}) as {{ type_double() }}) / nullif(count({{ name }}), 0)
            as {{ name }},
        {%- endfor %}
        {%- for name in categories %}
        count(case when {{ name }} <> '(unknown)' then 1 end) as {{ name }}_count,
        {%- endfor %}
        count(*) as user_count
    from user_facts
    group by as_of_date
),

{%- for name in categories %}

{{ name }}_users as (
    select
        as_of_date,
        {{ name }} as value,
        count(*) as user_count
    from user_facts
    group by
        as_of_date,
        {{ name }}
),

{{ name }}_members as (
    select
        as_of_date,
        segmentation,
        segment,
        {{ name }} as value,
        count(*) as user_count
    from members
    group by
        as_of_date,
        segmentation,
        segment,
        {{ name }}
),
{%- endfor %}

-- Shares are those of the users of whom it is known; how many it is not known of is a
-- line of its own.
profiles as (
    {%- for name in measures %}
    select
        segments.as_of_date,
        segments.segmentation,
        segments.segment,
        '{{ name }}' as fact,
        '(average)' as value,
        segments.{{ name }} as segment_value,
        everyone.{{ name }} as everyone_value
    from segments
    inner join everyone
        on segments.as_of_date = everyone.as_of_date
    {%- if not loop.last or categories %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- for name in categories %}
    select
        segments.as_of_date,
        segments.segmentation,
        segments.segment,
        '{{ name }}' as fact,
        {{ name }}_users.value,
        coalesce({{ name }}_members.user_count, 0)
        / nullif(
            cast(
                case
                    when {{ name }}_users.value = '(unknown)' then segments.user_count
                    else segments.{{ name }}_count
                end as {{ type_double() }}
            ),
            0
        ) as segment_value,
        coalesce({{ name }}_users.user_count, 0)
        / nullif(
            cast(
                case
                    when {{ name }}_users.value = '(unknown)' then everyone.user_count
                    else everyone.{{ name }}_count
                end as {{ type_double() }}
            ),
            0
        ) as everyone_value
    from segments
    inner join everyone
        on segments.as_of_date = everyone.as_of_date
    inner join {{ name }}_users
        on segments.as_of_date = {{ name }}_users.as_of_date
    left join {{ name }}_members
        on
            segments.as_of_date = {{ name }}_members.as_of_date
            and segments.segmentation = {{ name }}_members.segmentation
            and segments.segment = {{ name }}_members.segment
            and {{ name }}_users.value = {{ name }}_members.value
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    profiles.as_of_date,
    profiles.segmentation,
    profiles.segment,
    profiles.fact,
    profiles.value,
    profiles.segment_value,
    profiles.everyone_value,
    profiles.segment_value / nullif(profiles.everyone_value, 0) as ratio_to_everyone,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from profiles
inner join as_of_dates
    on profiles.as_of_date = as_of_dates.as_of_date
where
    profiles.value in ('(average)', '(unknown)')
    or profiles.segment_value >= {{ var('profile_least_share', 0.01) }}
    or profiles.everyone_value >= {{ var('profile_least_share', 0.01) }}
