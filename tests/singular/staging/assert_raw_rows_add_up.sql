-- Nothing is lost: rows in are rows kept, duplicates and rejected, and the rejected
-- ones are all there to be read.
with

raw_rows as (
    select
        'events' as source_table,
        count(*) as raw_row_count
    from {{ raw_rows('events') }} as raw_events
    union all
    select
        'users' as source_table,
        count(*) as raw_row_count
    from {{ raw_rows('users') }} as raw_users
),

rejected as (
    select
        source_table,
        count(*) as rejected_row_count
    from {{ ref('rejected_rows') }}
    group by source_table
),

kept as (
    select
        'events' as source_table,
        count(*) as kept_row_count
    from {{ ref('stg_events') }}
    union all
    select
        'users' as source_table,
        count(*) as kept_row_count
    from {{ ref('stg_users') }}
)

select
    raw_rows.source_table,
    raw_rows.raw_row_count,
    counts.row_count,
    counts.kept_row_count,
    counts.duplicate_row_count,
    counts.rejected_row_count
from raw_rows
left join {{ ref('raw_row_counts') }} as counts
    on raw_rows.source_table = counts.source_table
left join rejected
    on raw_rows.source_table = rejected.source_table
left join kept
    on raw_rows.source_table = kept.source_table
where
    counts.source_table is null
    or raw_rows.raw_row_count <> counts.row_count
    or counts.row_count
    <> counts.kept_row_count + counts.duplicate_row_count + counts.rejected_row_count
    or counts.rejected_row_count <> coalesce(rejected.rejected_row_count, 0)
    or counts.kept_row_count <> kept.kept_row_count
