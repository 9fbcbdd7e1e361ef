with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

definitions as (
    select * from {{ ref('segment_definitions') }}
    where is_current
),

populations as (
    select
        as_of_date,
        count(*) as population_user_count
    from {{ ref('user_facts') }}
    group by as_of_date
),

members as (
    select
        as_of_date,
        segmentation,
        segment,
        count(*) as user_count
    from {{ ref('segment_memberships') }}
    group by
        as_of_date,
        segmentation,
        segment
),

changes as (
    select
        as_of_date,
        segmentation,
        segment,
        count(case when change = 'entered' then 1 end) as entered_user_count,
        count(case when change = 'left' then 1 end) as left_user_count
    from {{ ref('segment_membership_changes') }}
    group by
        as_of_date,
        segmentation,
        segment
),

-- Every defined segment on every date: one that is empty has a row with size 0.
grid as (
    select
        as_of_dates.as_of_date,
        as_of_dates.previous_as_of_date,
        as_of_dates.is_current,
        as_of_dates.is_provisional,
        definitions.segmentation,
        definitions.segment,
        definitions.min_size
    from as_of_dates
    cross join definitions
)

select
    grid.as_of_date,
    grid.previous_as_of_date,
    grid.segmentation,
    grid.segment,
    coalesce(members.user_count, 0) as user_count,
    coalesce(populations.population_user_count, 0) as population_user_count,
    coalesce(members.user_count, 0)
    / nullif(cast(populations.population_user_count as {{ type_double() }}), 0)
        as population_share,
    case
        when grid.previous_as_of_date is not null then coalesce(before.user_count, 0)
    end as previous_user_count,
    coalesce(changes.entered_user_count, 0) as entered_user_count,
    coalesce(changes.left_user_count, 0) as left_user_count,
    grid.min_size,
    coalesce(coalesce(members.user_count, 0) < grid.min_size, false)
        as is_below_min_size,
    grid.is_current,
    grid.is_provisional
from grid
left join populations
    on grid.as_of_date = populations.as_of_date
left join members
    on
        grid.as_of_date = members.as_of_date
        and grid.segmentation = members.segmentation
        and grid.segment = members.segment
left join members as before
    on
        grid.previous_as_of_date = before.as_of_date
        and grid.segmentation = before.segmentation
        and grid.segment = before.segment
left join changes
    on
        grid.as_of_date = changes.as_of_date
        and grid.segmentation = changes.segmentation
        and grid.segment = changes.segment
