{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'kept_dates'},
) }}
with

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
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

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
),

thresholds as (
    select * from {{ ref('drift_thresholds') }}
),

baseline_dates as (
    select min(as_of_date) as baseline_as_of_date
    from as_of_dates
    where is_kept
    {%- if var('drift_baseline_date', none) %}
        and as_of_date >= cast({{ text_literal(var('drift_baseline_date')) }} as date)
    {%- endif %}
),

comparisons as (
    select
        as_of_date,
        'previous' as comparison,
        previous_as_of_date as compared_as_of_date
    from as_of_dates
    where
        previous_as_of_date is not null
        and {{ only_affected_dates() }}
    union all
    select
        as_of_dates.as_of_date,
        'baseline' as comparison,
        baseline_dates.baseline_as_of_date as compared_as_of_date
    from as_of_dates
    inner join baseline_dates
        on as_of_dates.as_of_date > baseline_dates.baseline_as_of_date
    where {{ only_affected_dates('as_of_dates.as_of_date') }}
),

-- Where everyone has one segment at most, who has none is a group of its own.
group_sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count
    from sizes
    union all
    select
        sizes.as_of_date,
        sizes.segmentation,
        '(none)' as segment,
        max(sizes.population_user_count) - sum(sizes.user_count) as user_count
    from sizes
    inner join exclusive_segmentations
        on sizes.segmentation = exclusive_segmentations.segmentation
    group by
        sizes.as_of_date,
        sizes.segmentation
),

group_shares as (
    select
        as_of_date,
        segmentation,
        segment,
        coalesce(
            user_count / nullif(
                cast(
                    sum(user_count) over (partition by as_of_date, segmentation)
                    as {{ type_double() }}
                ),
                0
            ),
            0
        ) as share
    from group_sizes
),

distances as (
    select
        comparisons.as_of_date,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        now_shares.segmentation,
        sum(
            {{ population_stability_index_term(
                'base_shares.share', 'now_shares.share'
            ) }}
        ) as population_stability_index,
        sum({{ jensen_shannon_term('base_shares.share', 'now_shares.share') }})
            as jensen_shannon_divergence
    from comparisons
    inner join group_shares as now_shares
        on comparisons.as_of_date = now_shares.as_of_date
    inner join group_shares as base_shares
        on
            comparisons.compared_as_of_date = base_shares.as_of_date
            and now_shares.segmentation = base_shares.segmentation
            and now_shares.segment = base_shares.segment
    group by
        comparisons.as_of_date,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        now_shares.segmentation
),

-- Who stayed since the date before is known from the counts, also where its users are
-- not kept.
base_counts as (
    select
        as_of_date,
        segmentation,
        sum(user_count) as user_count
    from sizes
    group by
        as_of_date,
        segmentation
),

stability as (
    select
        comparisons.as_of_date,
        comparisons.comparison,
        sizes.segmentation,
        sum(sizes.user_count - sizes.entered_user_count)
        / cast(max(base_counts.user_count) as {{ type_double() }})
            as membership_stability_share
    from comparisons
    inner join sizes
        on comparisons.as_of_date = sizes.as_of_date
    inner join base_counts
        on
            comparisons.compared_as_of_date = base_counts.as_of_date
            and sizes.segmentation = base_counts.segmentation
    where
        comparisons.comparison = 'previous'
        and base_counts.user_count > 0
    group by
        comparisons.as_of_date,
        comparisons.comparison,
        sizes.segmentation
    union all
    select
        comparisons.as_of_date,
        comparisons.comparison,
        base_memberships.segmentation,
        count(now_memberships.user_id) / cast(count(*) as {{ type_double() }})
            as membership_stability_share
    from comparisons
    inner join memberships as base_memberships
        on comparisons.compared_as_of_date = base_memberships.as_of_date
    left join memberships as now_memberships
        on
            comparisons.as_of_date = now_memberships.as_of_date
            and base_memberships.user_id = now_memberships.user_id
            and base_memberships.segmentation = now_memberships.segmentation
            and base_memberships.segment = now_memberships.segment
    where comparisons.comparison = 'baseline'
    group by
        comparisons.as_of_date,
        comparisons.comparison,
        base_memberships.segmentation
),

-- Rounded: sums of floating numbers differ with the order of adding.
measured as (
    select
        distances.as_of_date,
        distances.segmentation,
        distances.comparison,
        distances.compared_as_of_date,
        round(distances.population_stability_index, 9) as population_stability_index,
        round(distances.jensen_shannon_divergence, 9) as jensen_shannon_divergence,
        stability.membership_stability_share
    from distances
    left join stability
        on
            distances.as_of_date = stability.as_of_date
            and distances.comparison = stability.comparison
            and distances.segmentation = stability.segmentation
),

metric_values as (
    select
        as_of_date,
        comparison,
        segmentation,
        'population_stability_index' as metric,
        population_stability_index as value
    from measured
    union all
    select
        as_of_date,
        comparison,
        segmentation,
        'jensen_shannon_divergence' as metric,
        jensen_shannon_divergence as value
    from measured
    union all
    select
        as_of_date,
        comparison,
        segmentation,
        'membership_left_share' as metric,
        1 - membership_stability_share as value
    from measured
),

-- A segmentation's own thresholds go before those of all.
segmentation_thresholds as (
    select
        metric_values.as_of_date,
        metric_values.comparison,
        metric_values.segmentation,
        metric_values.value,
        coalesce(own.warn_from, common.warn_from) as warn_from,
        coalesce(own.alert_from, common.alert_from) as alert_from
    from metric_values
    inner join thresholds as common
        on
            metric_values.metric = common.metric
            and common.segmentation = '*'
    left join thresholds as own
        on
            metric_values.metric = own.metric
            and metric_values.segmentation = own.segmentation
),

judged as (
    select
        as_of_date,
        comparison,
        segmentation,
        max(
            case
                when value >= alert_from then 2
                when value >= warn_from then 1
                else 0
            end
        ) as severity
    from segmentation_thresholds
    group by
        as_of_date,
        comparison,
        segmentation
)

select
    measured.as_of_date,
    measured.segmentation,
    measured.comparison,
    measured.compared_as_of_date,
    measured.population_stability_index,
    measured.jensen_shannon_divergence,
    measured.membership_stability_share,
    case judged.severity when 2 then 'alert' when 1 then 'warn' else 'ok' end as status,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from measured
inner join judged
    on
        measured.as_of_date = judged.as_of_date
        and measured.comparison = judged.comparison
        and measured.segmentation = judged.segmentation
inner join as_of_dates
    on measured.as_of_date = as_of_dates.as_of_date
