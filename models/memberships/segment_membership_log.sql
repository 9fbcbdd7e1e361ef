{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'this_build'},
) }}

-- A ledger: what was said of a date is never changed, a correction is one more entry.
-- The entries up to a date add up to the memberships on it, and those of earlier builds
-- alone to what was known then. Open dates are not in it.
with

due_snapshots as (
    select * from {{ ref('int_stated_snapshots') }}
    where is_due
),

stated as (
    select
        statements.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key,
        due_snapshots.next_as_of_date
    from {{ ref('segment_statements') }} as statements
    inner join due_snapshots
        on
            statements.as_of_date = due_snapshots.as_of_date
            and statements.segmentation = due_snapshots.segmentation
),
{%- if is_increment() %}

recorded as (
    select
        due_snapshots.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key,
        due_snapshots.next_as_of_date
    from {{ this }} as entries
    inner join due_snapshots
        on
            entries.segmentation = due_snapshots.segmentation
            and entries.as_of_date <= due_snapshots.as_of_date
    where entries.build_number < {{ build_number() }}
    group by
        due_snapshots.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key,
        due_snapshots.next_as_of_date
    having sum(entries.member_change) <> 0
),
{%- endif %}

-- On the date itself what is said now takes the place of what was recorded; from the
-- next date on, which is another statement, that is taken back.
entries as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        1 as member_change
    from stated
    union all
    select
        next_as_of_date as as_of_date,
        user_id,
        segmentation,
        segment_key,
        -1 as member_change
    from stated
    where next_as_of_date is not null
    {%- if is_increment() %}
    union all
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        -1 as member_change
    from recorded
    union all
    select
        next_as_of_date as as_of_date,
        user_id,
        segmentation,
        segment_key,
        1 as member_change
    from recorded
    where next_as_of_date is not null
    {%- endif %}
)

select
    as_of_date,
    user_id,
    segmentation,
    segment_key,
    cast(sum(member_change) as integer) as member_change,
    cast({{ build_number() }} as integer) as build_number
from entries
group by
    as_of_date,
    user_id,
    segmentation,
    segment_key
having sum(member_change) <> 0
