{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'same_triggers'},
) }}

with

moves as (
    select
        moves.*,
        dates.previous_as_of_date
    from {{ ref('segment_moves') }} as moves
    inner join {{ ref('int_affected_dates') }} as dates
        on moves.as_of_date = dates.as_of_date
    where dates.previous_as_of_date is not null
),

-- A user whose move several lines of the seed name, with one trigger, sets it off once.
fired as (
    select
        moves.previous_as_of_date,
        moves.user_id,
        triggers.trigger_name,
        moves.segmentation,
        max(moves.as_of_date) as as_of_date,
        min(moves.from_segment) as from_segment,
        min(moves.to_segment) as to_segment,
        min(triggers.action) as action,
        {{ dbt.bool_or('moves.is_provisional') }} as is_provisional
    from moves
    inner join {{ ref('trigger_moves') }} as triggers
        on
            moves.segmentation = triggers.segmentation
            and triggers.from_segment in ('*', moves.from_segment)
            and triggers.to_segment in ('*', moves.to_segment)
    group by
        moves.previous_as_of_date,
        moves.user_id,
        triggers.trigger_name,
        moves.segmentation
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
)
{%- if is_increment() %},

earlier as (
    select * from {{ this }}
),

-- The move that set it off was provisional, and did not last until its date closed.
withdrawn as (
    select earlier.*
    from earlier
    left join fired
        on
            earlier.previous_as_of_date = fired.previous_as_of_date
            and earlier.user_id = fired.user_id
            and earlier.trigger_name = fired.trigger_name
            and earlier.segmentation = fired.segmentation
    where
        fired.user_id is null
        and earlier.status = 'open'
        and earlier.previous_as_of_date in (
            select previous_as_of_date from {{ ref('int_affected_dates') }}
        )
)
{%- endif %}

select
    {% if is_increment() -%}
    coalesce(earlier.triggered_date, current_dates.as_of_date) as triggered_date,
    {%- else -%}
    current_dates.as_of_date as triggered_date,
    {%- endif %}
    fired.as_of_date,
    fired.previous_as_of_date,
    fired.user_id,
    fired.trigger_name,
    fired.segmentation,
    fired.from_segment,
    fired.to_segment,
    fired.action,
    case when fired.is_provisional then 'open' else 'confirmed' end as status,
    {% if is_increment() -%}
    coalesce(earlier.is_actionable, fired.is_provisional) as is_actionable
    {%- else -%}
    fired.is_provisional as is_actionable
    {%- endif %}
from fired
cross join current_dates
{%- if is_increment() %}
left join earlier
    on
        fired.previous_as_of_date = earlier.previous_as_of_date
        and fired.user_id = earlier.user_id
        and fired.trigger_name = earlier.trigger_name
        and fired.segmentation = earlier.segmentation
union all
select
    triggered_date,
    as_of_date,
    previous_as_of_date,
    user_id,
    trigger_name,
    segmentation,
    from_segment,
    to_segment,
    action,
    'withdrawn' as status,
    is_actionable
from withdrawn
{%- endif %}
