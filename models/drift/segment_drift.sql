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

share_changes as (
    select * from {{ ref('segment_share_drift') }}
    where {{ only_affected_dates() }}
),

sizes as (
    select * from {{ ref('segment_sizes') }}
),

exclusive_segmentations as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where
        is_current
        and assignment = 'exclusive'
),

limits as (
    select * from {{ ref('drift_limits') }}
),

-- Segments that exclude each other, and who has none, are one distribution. Of others
-- each has one of its own, being in it or not.
group_shares as (
    select
        share_changes.as_of_date,
        share_changes.comparison,
        share_changes.segmentation,
        share_changes.segment,
        case
            when exclusive_segmentations.segmentation is null
                then share_changes.segment
            else ''
        end as distribution,
        share_changes.population_share as share,
        share_changes.compared_population_share as base_share,
        abs(share_changes.z_score) as z_score,
        share_changes.noise_floor_z_score
    from share_changes
    left join exclusive_segmentations
        on share_changes.segmentation = exclusive_segmentations.segmentation
    union all
    select
        share_changes.as_of_date,
        share_changes.comparison,
        share_changes.segmentation,
        share_changes.segment,
        share_changes.segment as distribution,
        1 - share_changes.population_share as share,
        1 - share_changes.compared_population_share as base_share,
        abs(share_changes.z_score) as z_score,
        share_changes.noise_floor_z_score
    from share_changes
    left join exclusive_segmentations
        on share_changes.segmentation = exclusive_segmentations.segmentation
    where exclusive_segmentations.segmentation is null
),

-- Rounded: sums of floating numbers differ with the order of adding.
distances as (
    select
        as_of_date,
        comparison,
        segmentation,
        distribution,
        {{ rounded(
            'sum(' ~ population_stability_index_term('base_share', 'share') ~ ')', 9
        ) }} as population_stability_index,
        {{ rounded('sum(' ~ jensen_shannon_term('base_share', 'share') ~ ')', 9) }}
            as jensen_shannon_divergence,
        {{ latest(
            'case when z_score > 0 then segment end', ['z_score', 'segment']
        ) }} as most_changed_segment,
        max(z_score) as z_score,
        max(noise_floor_z_score) as noise_floor_z_score
    from group_shares
    group by
        as_of_date,
        comparison,
        segmentation,
        distribution
),

-- Of several distributions the one that changed the most beyond the noise speaks for
-- the segmentation; without any beyond it, the one that changed the most.
ranked as (
    select
        *,
        z_score > noise_floor_z_score as is_beyond_noise,
        row_number() over (
            partition by as_of_date, comparison, segmentation
            order by
                case when z_score > noise_floor_z_score then 0 else 1 end asc,
                population_stability_index desc,
                distribution asc
        ) as position
    from distances
),

-- Who stayed since the date before is known from the counts, also where its users are
-- not kept.
kept_counts as (
    select
        as_of_date,
        'previous' as comparison,
        segmentation,
        sum(user_count - entered_user_count) as kept_user_count
    from sizes
    group by
        as_of_date,
        segmentation
    union all
    select
        as_of_date,
        comparison,
        segmentation,
        sum(kept_user_count) as kept_user_count
    from share_changes
    where
        comparison = 'baseline'
        and segment <> '(none)'
    group by
        as_of_date,
        comparison,
        segmentation
),

-- A user of several segments may leave all of them at once: so many memberships say no
-- more than the users that they might belong to.
base_counts as (
    select
        sizes.as_of_date,
        sizes.segmentation,
        sum(sizes.user_count) as user_count,
        sum(sizes.user_count) / cast(
            case
                when max(exclusive_segmentations.segmentation) is null then count(*)
                else 1
            end as {{ type_double() }}
        ) as least_user_count
    from sizes
    left join exclusive_segmentations
        on sizes.segmentation = exclusive_segmentations.segmentation
    group by
        sizes.as_of_date,
        sizes.segmentation
),

-- A share lies 0.5 / sqrt(n) from its true value at most, as a standard error.
measured as (
    select
        comparisons.as_of_date,
        ranked.segmentation,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        ranked.most_changed_segment,
        ranked.population_stability_index,
        ranked.jensen_shannon_divergence,
        ranked.z_score,
        ranked.noise_floor_z_score,
        kept_counts.kept_user_count
        / cast(nullif(base_counts.user_count, 0) as {{ type_double() }})
            as membership_stability_share,
        case
            when base_counts.least_user_count > 0
                then {{ rounded(
                    'least(1, ranked.noise_floor_z_score'
                    ~ ' * 0.5 / sqrt(base_counts.least_user_count))', 9
                ) }}
        end as membership_stability_noise_share,
        ranked.is_beyond_noise,
        comparisons.is_current,
        comparisons.is_provisional
    from comparisons
    inner join ranked
        on
            comparisons.as_of_date = ranked.as_of_date
            and comparisons.comparison = ranked.comparison
            and ranked.position = 1
    inner join base_counts
        on
            comparisons.compared_as_of_date = base_counts.as_of_date
            and ranked.segmentation = base_counts.segmentation
    inner join kept_counts
        on
            comparisons.as_of_date = kept_counts.as_of_date
            and comparisons.comparison = kept_counts.comparison
            and ranked.segmentation = kept_counts.segmentation
),

-- What chance may do is taken off before a value is held against its thresholds.
metric_values as (
    select
        as_of_date,
        comparison,
        segmentation,
        'population_stability_index' as metric,
        case when is_beyond_noise then population_stability_index end as value
    from measured
    union all
    select
        as_of_date,
        comparison,
        segmentation,
        'jensen_shannon_divergence' as metric,
        case when is_beyond_noise then jensen_shannon_divergence end as value
    from measured
    union all
    select
        as_of_date,
        comparison,
        segmentation,
        'membership_left_share' as metric,
        1 - membership_stability_share - membership_stability_noise_share as value
    from measured
),

judged as (
    select
        metric_values.as_of_date,
        metric_values.comparison,
        metric_values.segmentation,
        max(
            case
                when metric_values.value >= limits.alert_from then 2
                when metric_values.value >= limits.warn_from then 1
                else 0
            end
        ) as severity
    from metric_values
    inner join limits
        on
            metric_values.metric = limits.metric
            and metric_values.segmentation = limits.segmentation
    group by
        metric_values.as_of_date,
        metric_values.comparison,
        metric_values.segmentation
)

select
    measured.as_of_date,
    measured.segmentation,
    measured.comparison,
    measured.compared_as_of_date,
    measured.most_changed_segment,
    case judged.severity when 2 then 'alert' when 1 then 'warn' else 'ok' end as status,
    measured.population_stability_index,
    measured.jensen_shannon_divergence,
    measured.z_score,
    measured.noise_floor_z_score,
    measured.membership_stability_share,
    measured.membership_stability_noise_share,
    measured.is_beyond_noise,
    measured.is_current,
    measured.is_provisional
from measured
inner join judged
    on
        measured.as_of_date = judged.as_of_date
        and measured.comparison = judged.comparison
        and measured.segmentation = judged.segmentation
