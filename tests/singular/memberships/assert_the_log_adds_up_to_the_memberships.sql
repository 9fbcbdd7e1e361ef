-- The entries of the log up to a closed date, over all builds, are the memberships on
-- it.
with

kept_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where not is_provisional
),

switched_on as (
    select distinct segmentation
    from {{ ref('segment_definitions') }}
    where is_current
),

from_log as (
    select
        kept_dates.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key,
        sum(entries.member_change) as entry_sum
    from {{ ref('segment_membership_log') }} as entries
    inner join switched_on
        on entries.segmentation = switched_on.segmentation
    inner join kept_dates
        on entries.as_of_date <= kept_dates.as_of_date
    group by
        kept_dates.as_of_date,
        entries.user_id,
        entries.segmentation,
        entries.segment_key
    having sum(entries.member_change) <> 0
),

both_sides as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        entry_sum,
        0 as membership_count
    from from_log
    union all
    select
        statements.as_of_date,
        statements.user_id,
        statements.segmentation,
        statements.segment_key,
        0 as entry_sum,
        1 as membership_count
    from {{ ref('segment_statements') }} as statements
    inner join kept_dates
        on statements.as_of_date = kept_dates.as_of_date
)

select
    as_of_date,
    user_id,
    segmentation,
    segment_key,
    sum(entry_sum) as entry_sum,
    sum(membership_count) as membership_count
from both_sides
group by
    as_of_date,
    user_id,
    segmentation,
    segment_key
having
    sum(entry_sum) <> 1
    or sum(membership_count) <> 1
