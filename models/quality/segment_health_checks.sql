{{ config(materialized='view') }}
{%- set text = dbt.type_string() %}

with

sizes as (
    select
        as_of_date,
        segmentation,
        segment,
        user_count,
        is_current
    from {{ ref('segment_sizes') }}
),

current_segments as (
    select
        as_of_date,
        segmentation,
        segment
    from sizes
    where is_current
),

definitions as (
    select
        segmentation,
        segment,
        first_valid_date
    from {{ ref('segment_definitions') }}
    where is_current
),

-- Who matches no rule is a remainder: like that of other segmentations, and the better
-- the fewer it is.
remainders as (
    select
        segmentation,
        segment
    from {{ ref('segment_definitions') }}
    where
        is_current
        and is_otherwise
),

last_filled as (
    select
        segmentation,
        segment,
        max(as_of_date) as as_of_date
    from sizes
    where user_count > 0
    group by
        segmentation,
        segment
),

empty_dates as (
    select
        sizes.segmentation,
        sizes.segment,
        count(*) as date_count
    from sizes
    left join last_filled
        on
            sizes.segmentation = last_filled.segmentation
            and sizes.segment = last_filled.segment
    left join remainders
        on
            sizes.segmentation = remainders.segmentation
            and sizes.segment = remainders.segment
    where
        remainders.segment is null
        and (
            last_filled.as_of_date is null
            or sizes.as_of_date > last_filled.as_of_date
        )
    group by
        sizes.segmentation,
        sizes.segment
),

neighbours as (
    select
        segmentation_a as segmentation,
        segment_a as segment,
        segmentation_b as other_segmentation,
        segment_b as other_segment,
        jaccard_share
    from {{ ref('segment_overlap') }}
    where is_current
    union all
    select
        segmentation_b as segmentation,
        segment_b as segment,
        segmentation_a as other_segmentation,
        segment_a as other_segment,
        jaccard_share
    from {{ ref('segment_overlap') }}
    where is_current
),

addressed_neighbours as (
    select neighbours.*
    from neighbours
    left join remainders
        on
            neighbours.segmentation = remainders.segmentation
            and neighbours.segment = remainders.segment
    left join remainders as other_remainders
        on
            neighbours.other_segmentation = other_remainders.segmentation
            and neighbours.other_segment = other_remainders.segment
    where
        remainders.segment is null
        and other_remainders.segment is null
        and neighbours.jaccard_share is not null
),

closest as (
    select
        segmentation,
        segment,
        other_segmentation,
        other_segment,
        jaccard_share,
        row_number() over (
            partition by segmentation, segment
            order by jaccard_share desc, other_segmentation asc, other_segment asc
        ) as closeness_rank
    from addressed_neighbours
),

newest_kpis as (
    select max(as_of_date) as as_of_date
    from {{ ref('segment_kpis') }}
),

-- What chance may have done counts as no difference.
differences as (
    select
        distinctness.segmentation,
        distinctness.segment,
        max(
            case
                when
                    distinctness.corrected_p_value < {{ var('test_error_rate', 0.05) }}
                    then abs(distinctness.effect_size)
                else 0
            end
        ) as effect_size
    from {{ ref('segment_distinctness') }} as distinctness
    inner join newest_kpis
        on distinctness.as_of_date = newest_kpis.as_of_date
    where distinctness.is_judged
    group by
        distinctness.segmentation,
        distinctness.segment
),

-- Each with the value that the threshold of its finding is held against.
measured as (
    select
        segmentation,
        segment,
        'empty' as finding,
        cast(null as {{ text }}) as other_segment,
        date_count as value
    from empty_dates
    union all
    select
        segmentation,
        segment,
        'always_shadowed' as finding,
        most_frequent_winner as other_segment,
        shadowed_user_count as value
    from {{ ref('segment_rule_matches') }}
    where is_always_shadowed
    union all
    select
        segmentation,
        segment,
        'duplicate' as finding,
        other_segmentation || '.' || other_segment as other_segment,
        jaccard_share as value
    from closest
    where closeness_rank = 1
    union all
    select
        segmentation,
        segment,
        'too_small' as finding,
        cast(null as {{ text }}) as other_segment,
        count(*) as value
    from {{ ref('segment_size_checks') }}
    where status <> 'ok'
    group by
        segmentation,
        segment
    union all
    select
        segmentation,
        segment,
        'low_power' as finding,
        cast(null as {{ text }}) as other_segment,
        smallest_detectable_lift as value
    from {{ ref('segment_power') }}
    where user_count > 0
    union all
    select
        segmentation,
        segment,
        'size_drift' as finding,
        cast(null as {{ text }}) as other_segment,
        count(case when status = 'alert' then 1 end) as value
    from {{ ref('segment_share_drift') }}
    where is_current
    group by
        segmentation,
        segment
    union all
    select
        segmentation,
        segment,
        'fact_drift' as finding,
        cast(null as {{ text }}) as other_segment,
        count(distinct case when status = 'alert' then fact end) as value
    from {{ ref('segment_fact_drift') }}
    where is_current
    group by
        segmentation,
        segment
    union all
    select
        segmentation,
        segment,
        'over_budget' as finding,
        min(other_segmentation || '.' || other_segment) as other_segment,
        count(*) as value
    from {{ ref('overlap_budget_use') }}
    where is_over_budget
    group by
        segmentation,
        segment
    union all
    select
        segmentation,
        segment,
        'conflict' as finding,
        cast(null as {{ text }}) as other_segment,
        count(distinct user_id) as value
    from {{ ref('segment_conflicts') }}
    group by
        segmentation,
        segment
    union all
    select
        segmentation,
        segment,
        'indistinct' as finding,
        cast(null as {{ text }}) as other_segment,
        effect_size as value
    from differences
    union all
    select
        current_segments.segmentation,
        current_segments.segment,
        'old_rule' as finding,
        cast(null as {{ text }}) as other_segment,
        {{ dbt.datediff(
            'definitions.first_valid_date', 'current_segments.as_of_date', 'day'
        ) }} as value
    from current_segments
    inner join definitions
        on
            current_segments.segmentation = definitions.segmentation
            and current_segments.segment = definitions.segment
),

thresholds as (
    select * from {{ ref('health_thresholds') }}
),

exceptions as (
    select * from {{ ref('health_exceptions') }}
),

-- Of several lines that accept a finding the first one tells why.
accepted as (
    select
        measured.segmentation,
        measured.segment,
        measured.finding,
        min(exceptions.reason) as reason
    from measured
    inner join exceptions
        on
            measured.segmentation = exceptions.segmentation
            and exceptions.segment in ('*', measured.segment)
            and exceptions.finding in ('*', measured.finding)
    group by
        measured.segmentation,
        measured.segment,
        measured.finding
),

-- Of `indistinct` too little is found, of all others too much.
judged as (
    select
        current_segments.as_of_date,
        measured.segmentation,
        measured.segment,
        measured.finding,
        thresholds.recommendation,
        measured.other_segment,
        accepted.reason as exception_reason,
        cast(measured.value as {{ type_double() }}) as value,
        thresholds.threshold,
        case
            when measured.finding = 'indistinct'
                then coalesce(measured.value < thresholds.threshold, false)
            else coalesce(measured.value >= thresholds.threshold, false)
        end as is_found
    from measured
    inner join thresholds
        on measured.finding = thresholds.finding
    inner join current_segments
        on
            measured.segmentation = current_segments.segmentation
            and measured.segment = current_segments.segment
    left join accepted
        on
            measured.segmentation = accepted.segmentation
            and measured.segment = accepted.segment
            and measured.finding = accepted.finding
),

-- Counts and days as whole numbers, shares in percent.
written as (
    select
        judged.*,
        cast(cast({{ rounded('judged.value', 0) }} as decimal(18, 0)) as {{ text }})
            as count_text,
        cast(cast({{ rounded('judged.value', 2) }} as decimal(18, 2)) as {{ text }})
            as number_text,
        cast(
            cast({{ rounded('100 * judged.value', 0) }} as decimal(18, 0)) as {{ text }}
        )
        || ' %' as percent_text
    from judged
)

select
    as_of_date,
    segmentation,
    segment,
    finding,
    recommendation,
    other_segment,
    case finding
        when 'empty' then 'nobody was in it on the last ' || count_text || ' dates'
        when 'always_shadowed'
            then
                count_text || ' users match its rule, but earlier rules win them all, '
                || 'most of them ' || other_segment
        when 'duplicate'
            then
                percent_text || ' of the users in it or in ' || other_segment
                || ' are in both'
        when 'too_small' then 'limits of size that it misses: ' || count_text
        when 'low_power'
            then 'a test in it would find no lift below ' || percent_text
        when 'size_drift'
            then
                'comparisons in which its size changed beyond noise and threshold: '
                || count_text
        when 'fact_drift'
            then
                'facts of its users that changed beyond noise and threshold: '
                || count_text
        when 'over_budget'
            then
                'overlap budgets that it exceeds: ' || count_text || ', one with '
                || other_segment
        when 'conflict'
            then 'users who are also in a segment that excludes it: ' || count_text
        when 'indistinct'
            then
                'its users do as others do: beyond chance no KPI differs by more than '
                || number_text || ' standard deviations'
        when 'old_rule' then 'its rule has stood for ' || count_text || ' days'
    end as words,
    exception_reason,
    value,
    threshold,
    is_found
from written
