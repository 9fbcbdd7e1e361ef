{{ config(materialized='view') }}
{%- set recommendations = ['review', 'refine', 'merge', 'retire'] %}

with

segments as (
    select * from {{ ref('segment_power') }}
),

definitions as (
    select
        segmentation,
        segment,
        owner
    from {{ ref('segment_definitions') }}
    where is_current
),

checks as (
    select
        segmentation,
        segment,
        finding,
        other_segment,
        words,
        value,
        exception_reason,
        is_found,
        case recommendation
            {%- for name in recommendations %}
            when '{{ name }}' then {{ loop.index }}
            {%- endfor %}
        end as strength
    from {{ ref('segment_health_checks') }}
),

findings as (
    select
        segmentation,
        segment,
        {{ text_list('words', "'; '", 'strength desc, finding') }} as reason,
        min(case when finding = 'duplicate' then other_segment end) as merge_with,
        count(*) as finding_count,
        max(strength) as strength
    from checks
    where
        is_found
        and exception_reason is null
    group by
        segmentation,
        segment
),

exceptions as (
    select
        segmentation,
        segment,
        {{ text_list(
            "finding || ': ' || exception_reason", "'; '", 'finding'
        ) }} as accepted
    from checks
    where
        is_found
        and exception_reason is not null
    group by
        segmentation,
        segment
),

-- The measures that are told also where nothing is found.
measures as (
    select
        segmentation,
        segment,
        max(case when finding = 'duplicate' then other_segment end) as closest_segment,
        max(case when finding = 'duplicate' then value end) as closest_jaccard_share,
        max(case when finding = 'size_drift' then value end) as drifting_size_count,
        max(case when finding = 'fact_drift' then value end) as drifting_fact_count,
        max(case when finding = 'indistinct' then value end) as largest_kpi_effect_size,
        max(case when finding = 'old_rule' then value end) as rule_age_days
    from checks
    group by
        segmentation,
        segment
)

select
    segments.as_of_date,
    segments.segmentation,
    segments.segment,
    definitions.owner,
    case findings.strength
        {%- for name in recommendations %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
        else 'keep'
    end as recommendation,
    coalesce(findings.reason, 'nothing found against it') as reason,
    case
        when findings.strength = {{ recommendations.index('merge') + 1 }}
            then findings.merge_with
    end as merge_with,
    exceptions.accepted as accepted_findings,
    measures.closest_segment,
    segments.user_count,
    segments.population_share,
    segments.smallest_detectable_lift,
    measures.closest_jaccard_share,
    cast(coalesce(measures.drifting_size_count, 0) as integer) as drifting_size_count,
    cast(coalesce(measures.drifting_fact_count, 0) as integer) as drifting_fact_count,
    measures.largest_kpi_effect_size,
    cast(measures.rule_age_days as integer) as rule_age_days,
    cast(coalesce(findings.finding_count, 0) as integer) as finding_count
from segments
left join definitions
    on
        segments.segmentation = definitions.segmentation
        and segments.segment = definitions.segment
left join findings
    on
        segments.segmentation = findings.segmentation
        and segments.segment = findings.segment
left join exceptions
    on
        segments.segmentation = exceptions.segmentation
        and segments.segment = exceptions.segment
left join measures
    on
        segments.segmentation = measures.segmentation
        and segments.segment = measures.segment
