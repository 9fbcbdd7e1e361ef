with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

population as (
    select
        as_of_date,
        user_id
    from {{ ref('user_facts') }}
),

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
),

-- Where a user can be in several segments at once there is no one move between them.
exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
),

-- Who is there on either of two neighbouring dates, once for each.
users_on_dates as (
    select
        as_of_dates.as_of_date,
        as_of_dates.previous_as_of_date,
        population.user_id
    from as_of_dates
    inner join population
        on as_of_dates.as_of_date = population.as_of_date
    where as_of_dates.previous_as_of_date is not null
    union
    select
        as_of_dates.as_of_date,
        as_of_dates.previous_as_of_date,
        population.user_id
    from as_of_dates
    inner join population
        on as_of_dates.previous_as_of_date = population.as_of_date
),

moves as (
    select
        users_on_dates.as_of_date,
        users_on_dates.previous_as_of_date,
        exclusive_segmentations.segmentation,
        coalesce(before.segment, '(none)') as from_segment,
        coalesce(after.segment, '(none)') as to_segment,
        count(*) as user_count
    from users_on_dates
    cross join exclusive_segmentations
    left join memberships as before
        on
            users_on_dates.previous_as_of_date = before.as_of_date
            and users_on_dates.user_id = before.user_id
            and exclusive_segmentations.segmentation = before.segmentation
    left join memberships as after
        on
            users_on_dates.as_of_date = after.as_of_date
            and users_on_dates.user_id = after.user_id
            and exclusive_segmentations.segmentation = after.segmentation
    where before.segment is not null or after.segment is not null
    group by
        users_on_dates.as_of_date,
        users_on_dates.previous_as_of_date,
        exclusive_segmentations.segmentation,
        coalesce(before.segment, '(none)'),
        coalesce(after.segment, '(none)')
)

select
    moves.as_of_date,
    moves.previous_as_of_date,
    moves.segmentation,
    moves.from_segment,
    moves.to_segment,
    moves.user_count,
    moves.user_count / cast(
        sum(moves.user_count) over (
            partition by moves.as_of_date, moves.segmentation, moves.from_segment
        ) as {{ type_double() }}
    ) as from_share,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from moves
inner join as_of_dates
    on moves.as_of_date = as_of_dates.as_of_date
