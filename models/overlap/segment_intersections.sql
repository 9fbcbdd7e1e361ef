{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'due_pairs'},
) }}
{%- set segmentations = var('intersection_segmentations', [])
    | select('in', var('segmentations', [])) | list -%}
with

as_of_dates as (
    select
        as_of_date,
        is_current,
        is_provisional
    from {{ ref('int_as_of_dates') }}
),

user_facts as (
    select
        as_of_date,
        user_id
    from {{ ref('user_facts') }}
    where {{ only_due_snapshots() }}
),

memberships as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment
    from {{ ref('segment_memberships') }}
    where
        segmentation in (
            {{- (text_literals(segmentations) or ["''"]) | join(', ') -}}
        )
        and {{ only_due_snapshots() }}
),

user_combinations as (
    select
        as_of_date,
        user_id,
        {{ text_list(
            "segmentation || '.' || segment", "' & '", 'segmentation, segment'
        ) }} as combination,
        count(*) as segment_count
    from memberships
    group by
        as_of_date,
        user_id
),

-- Who is in none of the segments is a combination too, so that sizes add up.
combinations as (
    select
        user_facts.as_of_date,
        coalesce(user_combinations.combination, '(none)') as combination,
        coalesce(max(user_combinations.segment_count), 0) as segment_count,
        count(*) as user_count
    from user_facts
    left join user_combinations
        on
            user_facts.as_of_date = user_combinations.as_of_date
            and user_facts.user_id = user_combinations.user_id
    group by
        user_facts.as_of_date,
        coalesce(user_combinations.combination, '(none)')
),

ranked as (
    select
        combinations.*,
        sum(combinations.user_count) over (partition by combinations.as_of_date)
            as population_user_count,
        row_number() over (
            partition by combinations.as_of_date
            order by combinations.user_count desc, combinations.combination asc
        ) as size_rank
    from combinations
)

select
    ranked.as_of_date,
    ranked.combination,
    cast(ranked.segment_count as integer) as segment_count,
    ranked.user_count,
    ranked.user_count / cast(ranked.population_user_count as {{ type_double() }})
        as population_share,
    cast(ranked.size_rank as integer) as size_rank,
    as_of_dates.is_current,
    as_of_dates.is_provisional
from ranked
inner join as_of_dates
    on ranked.as_of_date = as_of_dates.as_of_date
where ranked.size_rank <= {{ var('intersection_count', 100) }}
