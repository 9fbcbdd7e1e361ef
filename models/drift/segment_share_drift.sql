{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'kept_dates'},
) }}
with

comparisons as (
    select * from {{ ref('drift_comparisons') }}
    where {{ only_affected_dates() }}
),

sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count,
        population_user_count
    from {{ ref('segment_sizes') }}
),

exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
),

-- Numbers are compared and grouped several times as fast as names. A place is what a
-- user has one of at most: the segmentation where it is exclusive, else the segment.
segment_numbers as (
    select
        names.segmentation,
        names.segment,
        row_number() over (order by names.segmentation asc, names.segment asc)
            as segment_number,
        case
            when exclusive_segmentations.segmentation is not null
                then -1 * dense_rank() over (order by names.segmentation)
            else row_number() over (order by names.segmentation asc, names.segment asc)
        end as place_number
    from (
        select distinct
            segmentation,
            segment
        from sizes
    ) as names
    left join exclusive_segmentations
        on names.segmentation = exclusive_segmentations.segmentation
),

memberships as (
    select
        memberships.as_of_date,
        memberships.user_id,
        segment_numbers.segment_number,
        segment_numbers.place_number
    from {{ ref('segment_memberships') }} as memberships
    inner join segment_numbers
        on
            memberships.segmentation = segment_numbers.segmentation
            and memberships.segment = segment_numbers.segment
),

population as (
    select
        as_of_date,
        user_id
    from {{ ref('user_facts') }}
),

limits as (
    select
        segmentation,
        warn_from,
        alert_from
    from {{ ref('drift_limits') }}
    where metric = 'relative_share_change'
),

-- Users of the compared date who are not kept any more are in none of the counts of
-- users on both dates, so that the dates count as two crowds: more noise, not less.
known_users as (
    select
        comparisons.as_of_date,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        before.user_id
    from comparisons
    inner join population as before
        on comparisons.compared_as_of_date = before.as_of_date
    inner join population as after
        on
            comparisons.as_of_date = after.as_of_date
            and before.user_id = after.user_id
),

known_counts as (
    select
        as_of_date,
        comparison,
        count(*) as user_count
    from known_users
    group by
        as_of_date,
        comparison
),

known_members as (
    select
        known_users.as_of_date,
        known_users.comparison,
        members.segment_number,
        count(*) as user_count
    from known_users
    inner join memberships as members
        on
            known_users.as_of_date = members.as_of_date
            and known_users.user_id = members.user_id
    group by
        known_users.as_of_date,
        known_users.comparison,
        members.segment_number
),

-- Of members of the compared date: who is still known, who is still a member and, where
-- everyone has one segment at most, who has one again.
lasting_members as (
    select
        known_users.as_of_date,
        known_users.comparison,
        members.segment_number,
        count(*) as user_count,
        count(case when members.segment_number = members_now.segment_number then 1 end)
            as kept_user_count,
        count(members_now.user_id) as placed_user_count
    from known_users
    inner join memberships as members
        on
            known_users.compared_as_of_date = members.as_of_date
            and known_users.user_id = members.user_id
    left join memberships as members_now
        on
            known_users.as_of_date = members_now.as_of_date
            and members.user_id = members_now.user_id
            and members.place_number = members_now.place_number
    group by
        known_users.as_of_date,
        known_users.comparison,
        members.segment_number
),

segment_counts as (
    select
        comparisons.as_of_date,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        sizes.segmentation,
        sizes.segment,
        sizes.user_count,
        base_sizes.user_count as compared_user_count,
        sizes.population_user_count,
        base_sizes.population_user_count as compared_population_user_count,
        coalesce(lasting_members.kept_user_count, 0) as kept_user_count,
        coalesce(known_members.user_count, 0) as known_user_count,
        coalesce(lasting_members.user_count, 0) as lasting_user_count,
        coalesce(lasting_members.placed_user_count, 0) as placed_user_count,
        coalesce(known_counts.user_count, 0) as both_user_count
    from comparisons
    inner join sizes
        on comparisons.as_of_date = sizes.as_of_date
    inner join sizes as base_sizes
        on
            comparisons.compared_as_of_date = base_sizes.as_of_date
            and sizes.segmentation = base_sizes.segmentation
            and sizes.segment = base_sizes.segment
    left join known_counts
        on
            comparisons.as_of_date = known_counts.as_of_date
            and comparisons.comparison = known_counts.comparison
    inner join segment_numbers
        on
            sizes.segmentation = segment_numbers.segmentation
            and sizes.segment = segment_numbers.segment
    left join known_members
        on
            comparisons.as_of_date = known_members.as_of_date
            and comparisons.comparison = known_members.comparison
            and segment_numbers.segment_number = known_members.segment_number
    left join lasting_members
        on
            comparisons.as_of_date = lasting_members.as_of_date
            and comparisons.comparison = lasting_members.comparison
            and segment_numbers.segment_number = lasting_members.segment_number
),

-- Where everyone has one segment at most, who has none is a group of its own: all users
-- less those with a segment, on each date and on both.
group_counts as (
    select * from segment_counts
    union all
    select
        segment_counts.as_of_date,
        segment_counts.comparison,
        segment_counts.compared_as_of_date,
        segment_counts.segmentation,
        '(none)' as segment,
        max(segment_counts.population_user_count) - sum(segment_counts.user_count)
            as user_count,
        max(segment_counts.compared_population_user_count)
        - sum(segment_counts.compared_user_count) as compared_user_count,
        max(segment_counts.population_user_count) as population_user_count,
        max(segment_counts.compared_population_user_count)
            as compared_population_user_count,
        max(segment_counts.both_user_count)
        - sum(segment_counts.known_user_count)
        - sum(segment_counts.lasting_user_count)
        + sum(segment_counts.placed_user_count) as kept_user_count,
        max(segment_counts.both_user_count) - sum(segment_counts.known_user_count)
            as known_user_count,
        max(segment_counts.both_user_count) - sum(segment_counts.lasting_user_count)
            as lasting_user_count,
        0 as placed_user_count,
        max(segment_counts.both_user_count) as both_user_count
    from segment_counts
    inner join exclusive_segmentations
        on segment_counts.segmentation = exclusive_segmentations.segmentation
    group by
        segment_counts.as_of_date,
        segment_counts.comparison,
        segment_counts.compared_as_of_date,
        segment_counts.segmentation
),

measured as (
    select
        *,
        coalesce(
            user_count / nullif(cast(population_user_count as {{ type_double() }}), 0),
            0
        ) as population_share,
        coalesce(
            compared_user_count
            / nullif(cast(compared_population_user_count as {{ type_double() }}), 0),
            0
        ) as compared_population_share,
        coalesce(
            sqrt({{ share_change_variance(
                'user_count', 'population_user_count',
                'compared_user_count', 'compared_population_user_count',
                'kept_user_count', 'known_user_count',
                'lasting_user_count', 'both_user_count'
            ) }}),
            0
        ) as standard_error
    from group_counts
),

-- Of the rate of false alarms on a date each of the two comparisons has a half, divided
-- among all that is judged: each share that somebody has part in and, in segment_drift,
-- the memberships kept.
judged_counts as (
    select
        as_of_date,
        comparison,
        count(case when user_count + compared_user_count > 0 then 1 end)
        + count(distinct segmentation) as judged_count
    from measured
    group by
        as_of_date,
        comparison
),

noise_floors as (
    select
        as_of_date,
        comparison,
        judged_count,
        {{ drift_noise_floor('judged_count') }} as noise_floor_z_score
    from judged_counts
),

-- Rounded: 0.6 - 0.5 is a little less than a fifth of 0.5 in floating numbers.
scored as (
    select
        measured.*,
        noise_floors.judged_count,
        noise_floors.noise_floor_z_score,
        {{ rounded(
            '(measured.population_share - measured.compared_population_share)'
            ~ ' / nullif(measured.compared_population_share, 0)', 9
        ) }} as relative_share_change,
        {{ change_z_score(
            'measured.population_share',
            'measured.compared_population_share',
            'measured.standard_error',
        ) }} as z_score
    from measured
    inner join noise_floors
        on
            measured.as_of_date = noise_floors.as_of_date
            and measured.comparison = noise_floors.comparison
),

judged as (
    select
        *,
        abs(z_score) > noise_floor_z_score as is_beyond_noise
    from scored
)

select
    judged.as_of_date,
    judged.segmentation,
    judged.segment,
    judged.comparison,
    judged.compared_as_of_date,
    case
        when
            judged.is_beyond_noise
            and coalesce(
                abs(judged.relative_share_change), limits.alert_from
            ) >= limits.alert_from
            then 'alert'
        when
            judged.is_beyond_noise
            and coalesce(
                abs(judged.relative_share_change), limits.warn_from
            ) >= limits.warn_from
            then 'warn'
        else 'ok'
    end as status,
    cast(judged.user_count as bigint) as user_count,
    cast(judged.compared_user_count as bigint) as compared_user_count,
    cast(judged.kept_user_count as bigint) as kept_user_count,
    judged.population_share,
    judged.compared_population_share,
    judged.population_share - judged.compared_population_share as share_change,
    judged.relative_share_change,
    {{ rounded('judged.noise_floor_z_score * judged.standard_error', 9) }}
        as share_noise_floor,
    {{ rounded('judged.z_score', 9) }} as z_score,
    {{ rounded('judged.noise_floor_z_score', 9) }} as noise_floor_z_score,
    least(1, 2 * judged.judged_count * {{ normal_p_value('judged.z_score') }})
        as corrected_p_value,
    cast(judged.judged_count as bigint) as judged_count,
    judged.is_beyond_noise,
    comparisons.is_current,
    comparisons.is_provisional
from judged
inner join comparisons
    on
        judged.as_of_date = comparisons.as_of_date
        and judged.comparison = comparisons.comparison
left join limits
    on judged.segmentation = limits.segmentation
