{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'affected_dates'},
) }}

with

-- Where a user can be in several segments at once there is no one move between them.
exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
),

sizes as (
    select sizes.*
    from {{ ref('segment_sizes') }} as sizes
    inner join exclusive_segmentations
        on sizes.segmentation = exclusive_segmentations.segmentation
    where
        sizes.previous_as_of_date is not null
        and {{ only_affected_dates('sizes.as_of_date') }}
),

compared as (
    select distinct
        as_of_date,
        segmentation
    from sizes
),

moved as (
    select
        moves.as_of_date,
        moves.segmentation,
        moves.from_segment,
        moves.to_segment,
        count(*) as user_count
    from {{ ref('segment_moves') }} as moves
    inner join compared
        on
            moves.as_of_date = compared.as_of_date
            and moves.segmentation = compared.segmentation
    group by
        moves.as_of_date,
        moves.segmentation,
        moves.from_segment,
        moves.to_segment
),

stayed as (
    select
        as_of_date,
        segmentation,
        segment as from_segment,
        segment as to_segment,
        user_count - entered_user_count as user_count
    from sizes
    where user_count > entered_user_count
),

flows as (
    select * from moved
    union all
    select * from stayed
),

dates as (
    select distinct
        as_of_date,
        segmentation,
        previous_as_of_date,
        is_current,
        is_provisional
    from sizes
)

select
    flows.as_of_date,
    dates.previous_as_of_date,
    flows.segmentation,
    flows.from_segment,
    flows.to_segment,
    flows.user_count,
    flows.user_count / cast(
        sum(flows.user_count) over (
            partition by flows.as_of_date, flows.segmentation, flows.from_segment
        ) as {{ type_double() }}
    ) as from_share,
    dates.is_current,
    dates.is_provisional
from flows
inner join dates
    on
        flows.as_of_date = dates.as_of_date
        and flows.segmentation = dates.segmentation
