-- Nothing is lost: of each file that was read last the rows in are the rows there are;
-- rows are kept, duplicates or rejected, and the rejected ones are all there to be
-- read.
with

raw_rows as (
    select
        'events' as source_table,
        source_file,
        source_version
    from {{ newest_raw_rows('events') }} as raw_events
    union all
    select
        'users' as source_table,
        source_file,
        source_version
    from {{ newest_raw_rows('users') }} as raw_users
),

raw_files as (
    select
        source_table,
        source_file,
        source_version,
        count(*) as raw_row_count
    from raw_rows
    group by
        source_table,
        source_file,
        source_version
),

read_rows as (
    select
        'events' as source_table,
        source_file,
        source_version
    from {{ ref('stg_event_deliveries') }}
    where not is_withdrawn
    union all
    select
        'users' as source_table,
        source_file,
        source_version
    from {{ ref('stg_user_deliveries') }}
    where not is_withdrawn
),

read_files as (
    select
        source_table,
        source_file,
        source_version,
        count(*) as read_row_count
    from read_rows
    group by
        source_table,
        source_file,
        source_version
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
    raw_files.source_table,
    raw_files.source_file,
    'rows of a file' as finding,
    raw_files.raw_row_count as expected_row_count,
    coalesce(read_files.read_row_count, 0) as row_count
from raw_files
left join read_files
    on
        raw_files.source_table = read_files.source_table
        and coalesce(raw_files.source_file, '') = coalesce(read_files.source_file, '')
        and coalesce(raw_files.source_version, '')
        = coalesce(read_files.source_version, '')
where raw_files.raw_row_count <> coalesce(read_files.read_row_count, 0)
union all
select
    source_table,
    null as source_file,
    'kept, duplicates and rejected' as finding,
    row_count as expected_row_count,
    kept_row_count + duplicate_row_count + rejected_row_count as row_count
from {{ ref('raw_row_counts') }}
where row_count <> kept_row_count + duplicate_row_count + rejected_row_count
union all
select
    counts.source_table,
    null as source_file,
    'rejected rows' as finding,
    counts.rejected_row_count as expected_row_count,
    coalesce(rejected.rejected_row_count, 0) as row_count
from {{ ref('raw_row_counts') }} as counts
left join rejected
    on counts.source_table = rejected.source_table
where counts.rejected_row_count <> coalesce(rejected.rejected_row_count, 0)
union all
select
    counts.source_table,
    null as source_file,
    'kept rows' as finding,
    counts.kept_row_count as expected_row_count,
    kept.kept_row_count as row_count
from {{ ref('raw_row_counts') }} as counts
inner join kept
    on counts.source_table = kept.source_table
where counts.kept_row_count <> kept.kept_row_count
