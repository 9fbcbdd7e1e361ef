{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'same_snapshots'},
) }}
{#- The end of a build: what it computed counts from here on. It waits for every model,
    so that a build that is killed, or that leaves models out, is done again. -#}
{%- for name in [
    'sessions', 'user_merges', 'user_segments', 'segment_membership_intervals',
    'membership_restatements', 'segment_transitions', 'segment_drift',
    'segment_overlap', 'segment_size_changes', 'segment_triggers', 'active_users',
    'segment_intersections', 'segment_conflicts', 'overlap_budget_use',
    'competing_campaigns', 'segment_size_checks', 'segment_rule_matches',
    'segment_validation', 'segment_profiles', 'segment_health', 'model_calibration',
    'model_accuracy', 'segment_fact_drift', 'rejected_rows', 'raw_row_counts',
] %}
-- depends_on: {{ ref(name) }}
{%- endfor %}

with

due_snapshots as (
    select
        due_snapshots.as_of_date,
        due_snapshots.segmentation,
        as_of_dates.is_provisional
    from {{ ref('int_due_snapshots') }} as due_snapshots
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on due_snapshots.as_of_date = as_of_dates.as_of_date
    where {{ is_whole_build() }}
),

counts as (
    select
        as_of_date,
        segmentation,
        sum(user_count) as membership_count,
        max(population_user_count) as population_user_count
    from {{ ref('segment_counts') }}
    group by
        as_of_date,
        segmentation
),

snapshots as (
    select
        due_snapshots.as_of_date,
        due_snapshots.segmentation,
        current_rules.definition_hash,
        coalesce(counts.membership_count, 0) as membership_count,
        coalesce(counts.population_user_count, 0) as population_user_count,
        due_snapshots.is_provisional,
        true as is_kept
    from due_snapshots
    left join {{ ref('segmentation_hashes') }} as current_rules
        on due_snapshots.segmentation = current_rules.segmentation
    left join counts
        on
            due_snapshots.as_of_date = counts.as_of_date
            and due_snapshots.segmentation = counts.segmentation
)

select
    snapshots.as_of_date,
    snapshots.segmentation,
    coalesce(snapshots.definition_hash, '') as definition_hash,
    {{ text_literal(settings_hash('loading')) }} as loading_hash,
    {{ text_literal(settings_hash('history')) }} as history_hash,
    {{ text_literal(settings_hash('snapshots')) }} as snapshots_hash,
    cast(snapshots.membership_count as bigint) as membership_count,
    cast(snapshots.population_user_count as bigint) as population_user_count,
    cast({{ build_number() }} as integer) as build_number,
    snapshots.is_provisional,
    {%- if is_increment() %}
    coalesce(
        earlier.is_computed_afterwards and not earlier.is_provisional,
        earlier.as_of_date is null and not snapshots.is_provisional
    ) as is_computed_afterwards,
    {%- else %}
    not snapshots.is_provisional as is_computed_afterwards,
    {%- endif %}
    snapshots.is_kept,
    {{ load_date() }} as published_date
from snapshots
{%- if is_increment() %}
left join {{ this }} as earlier
    on
        snapshots.as_of_date = earlier.as_of_date
        and snapshots.segmentation = earlier.segmentation
union all
-- Closed snapshots whose rows are not kept any more.
select
    earlier.as_of_date,
    earlier.segmentation,
    earlier.definition_hash,
    earlier.loading_hash,
    earlier.history_hash,
    earlier.snapshots_hash,
    earlier.membership_count,
    earlier.population_user_count,
    earlier.build_number,
    earlier.is_provisional,
    earlier.is_computed_afterwards,
    false as is_kept,
    earlier.published_date
from {{ this }} as earlier
where
    earlier.is_kept
    and not earlier.is_provisional
    and {{ is_whole_build() }}
    and earlier.as_of_date not in (
        select as_of_date from {{ ref('int_as_of_dates') }}
    )
    {%- if not flags.FULL_REFRESH %}
    and earlier.as_of_date <= (
        select max(as_of_date) from {{ ref('int_as_of_dates') }}
    )
    {%- endif %}
{%- endif %}
