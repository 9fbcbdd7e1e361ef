{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'affected_dates'},
) }}

with

affected_dates as (
    select * from {{ ref('int_affected_dates') }}
),

names as (
    select distinct
        segmentation,
        segment_key,
        last_segment
    from {{ ref('segment_names') }}
),

first_dates as (
    select distinct
        segmentation,
        first_as_of_date
    from {{ ref('int_stated_snapshots') }}
),

-- While none of its dates has closed, a segmentation is computed on all that are kept.
kept_dates as (
    select min(as_of_date) as first_as_of_date
    from {{ ref('int_as_of_dates') }}
),

provisional_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_provisional
),

-- Closed dates: the entries of the log.
closed_changes as (
    select
        entries.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key,
        sum(entries.member_change) as member_change,
        false as is_provisional
    from {{ ref('segment_membership_log') }} as entries
    {%- if is_increment() %}
    inner join affected_dates
        on entries.as_of_date = affected_dates.as_of_date
    {%- endif %}
    -- A date that is open again is compared anew, below.
    where
        entries.as_of_date not in (
            select provisional_dates.as_of_date from provisional_dates
        )
    group by
        entries.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
),

-- Open dates: compared with the date before, which may be open or closed.
open_dates as (
    select
        as_of_date,
        previous_as_of_date
    from affected_dates
    where is_provisional
),

open_statements as (
    select
        statements.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key
    from {{ ref('segment_statements') }} as statements
    inner join provisional_dates
        on statements.as_of_date = provisional_dates.as_of_date
),

earlier_statements as (
    select
        open_dates.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key
    from open_statements as statements
    inner join open_dates
        on statements.as_of_date = open_dates.previous_as_of_date
    union all
    select
        open_dates.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
    from {{ ref('segment_membership_log') }} as entries
    inner join open_dates
        on entries.as_of_date <= open_dates.previous_as_of_date
    where
        open_dates.previous_as_of_date not in (
            select provisional_dates.as_of_date from provisional_dates
        )
        and entries.segmentation in (
            {%- for name in var('segmentations', []) %}
            {{ text_literal(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by
        open_dates.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
    having sum(entries.member_change) <> 0
),

both_dates as (
    select
        open_statements.*,
        1 as member_change
    from open_statements
    inner join open_dates
        on open_statements.as_of_date = open_dates.as_of_date
    union all
    select
        earlier_statements.*,
        -1 as member_change
    from earlier_statements
),

open_changes as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        sum(member_change) as member_change,
        true as is_provisional
    from both_dates
    group by
        as_of_date,
        user_id,
        segmentation,
        segment_key
),

changes as (
    select * from closed_changes
    union all
    select * from open_changes
)

select
    changes.as_of_date,
    changes.user_id,
    changes.segmentation,
    coalesce(names.last_segment, changes.segment_key) as segment,
    changes.segment_key,
    case when changes.member_change > 0 then 'entered' else 'left' end as change,
    changes.as_of_date
    <= coalesce(first_dates.first_as_of_date, kept_dates.first_as_of_date)
        as is_first_date,
    changes.is_provisional
from changes
cross join kept_dates
left join names
    on
        changes.segmentation = names.segmentation
        and changes.segment_key = names.segment_key
left join first_dates
    on changes.segmentation = first_dates.segmentation
where changes.member_change <> 0
