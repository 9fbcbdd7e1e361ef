{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'this_build'},
) }}
-- depends_on: {{ ref('segment_statements') }}
{%- set log = earlier_state('segment_membership_log') %}

with

restated_snapshots as (
    select
        snapshots.as_of_date,
        snapshots.segmentation,
        case
            -- Published without anybody, one written by hand had no rule that is known.
            when snapshots.definition_hash not in ('', current_rules.definition_hash)
                then 'changed rule'
            when snapshots.history_hash <> {{ text_literal(settings_hash('history')) }}
                then 'changed settings'
            else 'late data'
        end as cause
    from {{ ref('int_stated_snapshots') }} as snapshots
    inner join {{ ref('segmentation_hashes') }} as current_rules
        on snapshots.segmentation = current_rules.segmentation
    where snapshots.is_restated
),

names as (
    select distinct
        segmentation,
        segment_key,
        last_segment
    from {{ ref('segment_names') }}
),

assignments as (
    select distinct
        segmentation,
        assignment
    from {{ ref('segment_definitions') }}
    where is_current
),

stated as (
    select
        statements.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key
    from {{ ref('segment_statements') }} as statements
    inner join restated_snapshots
        on
            statements.as_of_date = restated_snapshots.as_of_date
            and statements.segmentation = restated_snapshots.segmentation
),

recorded as (
    {%- if log %}
    select
        restated_snapshots.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
    from {{ log }} as entries
    inner join restated_snapshots
        on
            entries.segmentation = restated_snapshots.segmentation
            and entries.as_of_date <= restated_snapshots.as_of_date
    where entries.build_number < {{ build_number() }}
    group by
        restated_snapshots.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
    having sum(entries.member_change) <> 0
    {%- else %}
    select * from stated
    where false
    {%- endif %}
),

differences as (
    select
        coalesce(recorded.as_of_date, stated.as_of_date) as as_of_date,
        coalesce(recorded.user_id, stated.user_id) as user_id,
        coalesce(recorded.segmentation, stated.segmentation) as segmentation,
        recorded.segment_key as before_key,
        stated.segment_key as after_key
    from recorded
    full join stated
        on
            recorded.as_of_date = stated.as_of_date
            and recorded.user_id = stated.user_id
            and recorded.segmentation = stated.segmentation
            and recorded.segment_key = stated.segment_key
    where
        recorded.segment_key is null
        or stated.segment_key is null
)

-- Where a user has one segment at most, leaving one and entering another is one row.
select
    differences.as_of_date,
    differences.user_id,
    differences.segmentation,
    max(coalesce(before_names.last_segment, differences.before_key)) as before_segment,
    max(coalesce(after_names.last_segment, differences.after_key)) as after_segment,
    restated_snapshots.cause,
    cast({{ build_number() }} as integer) as build_number,
    cast({{ load_date() }} as date) as restated_date
from differences
inner join restated_snapshots
    on
        differences.as_of_date = restated_snapshots.as_of_date
        and differences.segmentation = restated_snapshots.segmentation
left join assignments
    on differences.segmentation = assignments.segmentation
left join names as before_names
    on
        differences.segmentation = before_names.segmentation
        and differences.before_key = before_names.segment_key
left join names as after_names
    on
        differences.segmentation = after_names.segmentation
        and differences.after_key = after_names.segment_key
group by
    differences.as_of_date,
    differences.user_id,
    differences.segmentation,
    restated_snapshots.cause,
    case
        when assignments.assignment = 'overlapping'
            then coalesce(differences.before_key, differences.after_key)
    end
