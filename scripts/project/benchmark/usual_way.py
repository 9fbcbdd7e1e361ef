"""The usual way: a dbt project with one model per segment, each its own scan of events.

It is what a competent engineer writes without this project: clean events that grow by
each day's file, who is who on each date, a table per segment and date, a view over all
of them. A day later only the dates that are open are computed again. It leaves out what
the raw data of the benchmark do not have: rejected rows, files that are written anew,
excluded users, profiles that change.
"""

import textwrap

from project.benchmark import segments
from project.benchmark.this_project import profile

PROJECT = """\
name: usual_way
version: 0.1.0
config-version: 2
profile: usual_way
model-paths: [models]
flags:
  send_anonymous_usage_stats: false
models:
  usual_way:
    +materialized: table
"""

SOURCES = """\
version: 2
sources:
  - name: raw
    tables:
      - name: events
        config:
          external_location: >-
            {{ env_var('USER_SEGMENTATION_RAW_PATH') }}/events/*.parquet
      - name: users
        config:
          external_location: >-
            {{ env_var('USER_SEGMENTATION_RAW_PATH') }}/users.parquet
"""

CLEAN_EVENTS = """\
{{ config(materialized='incremental', incremental_strategy='append') }}

select
    event_id,
    event_name,
    case
        when user_id is not null then 'user:' || user_id
        else 'anonymous:' || anonymous_id
    end as identity_id,
    user_id,
    anonymous_id,
    revenue,
    cast(occurred_at as date) as activity_date,
    cast(received_at as date) as received_date,
    occurred_at
from {{ source('raw', 'events') }} as deliveries
{%- if is_incremental() %}
where
    received_at >= (
        select cast(max(received_date) + 1 as timestamp) from {{ this }}
    )
    and not exists (
        select 1 from {{ this }} as earlier
        where earlier.event_id = deliveries.event_id
    )
{%- endif %}
-- The first delivery of an event counts.
qualify row_number() over (
    partition by event_id
    order by received_at, occurred_at, event_name, user_id, anonymous_id, revenue
) = 1
"""

AS_OF_DATES = """\
-- The last day with events and the Sundays before it. Yesterday is computed once more,
-- since late events of it may have arrived today.
with

last_days as (
    select least(max(activity_date), max(received_date)) as last_day
    from {{ ref('clean_events') }}
),

dates as (
    select
        last_day,
        last_day - cast(
            (extract(isodow from last_day) % 7) + 7 * steps_back as integer
        ) as as_of_date
    from last_days
    cross join range(SNAPSHOT_COUNT) as steps(steps_back)
    union
    select
        last_day,
        last_day as as_of_date
    from last_days
)

select
    as_of_date,
    as_of_date >= last_day - 1 as is_open
from dates
"""

INCREMENTAL = """\
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=\"\"\"{% if is_incremental() %}
        delete from {{ this }} where as_of_date not in (
            select as_of_date from {{ ref('as_of_dates') }} where not is_open
        )
    {% endif %}\"\"\",
) }}
"""
"""A model by date: a date that is open, or not asked for any more, goes first."""

DUE_DATES = """\
(
    select as_of_date from {{ ref('as_of_dates') }}
    {%- if is_incremental() %}
    where is_open
    {%- endif %}
)"""

IDENTITIES = f"""\
{INCREMENTAL}
-- Whom an identity belongs to on a date: a device, the user it was last seen with.
with

due_dates as {DUE_DATES},

identities as (
    select
        identity_id,
        min(first_known_date) as first_known_date
    from (
        select
            identity_id,
            activity_date as first_known_date
        from {{{{ ref('clean_events') }}}}
        union all
        select
            'user:' || user_id as identity_id,
            cast(updated_at as date) as first_known_date
        from {{{{ source('raw', 'users') }}}}
    ) as known
    group by identity_id
),

links as (
    select
        due_dates.as_of_date,
        'anonymous:' || events.anonymous_id as identity_id,
        arg_max(events.user_id, (events.occurred_at, events.event_id)) as user_id
    from {{{{ ref('clean_events') }}}} as events
    inner join due_dates
        on events.activity_date <= due_dates.as_of_date
    where
        events.anonymous_id is not null
        and events.user_id is not null
    group by
        due_dates.as_of_date,
        events.anonymous_id
)

select
    due_dates.as_of_date,
    identities.identity_id,
    coalesce(
        links.user_id, substring(identities.identity_id from 1 + position(
            ':' in identities.identity_id
        ))
    ) as user_id
from identities
inner join due_dates
    on identities.first_known_date <= due_dates.as_of_date
left join links
    on
        due_dates.as_of_date = links.as_of_date
        and identities.identity_id = links.identity_id
"""


def write(folder, asked, settings, snapshot_count=12):
    """Write the whole dbt project into a folder."""
    files = {
        "dbt_project.yml": PROJECT,
        "profiles.yml": profile("usual_way", settings),
        "models/sources.yml": SOURCES,
        "models/clean_events.sql": CLEAN_EVENTS,
        "models/as_of_dates.sql": AS_OF_DATES.replace(
            "SNAPSHOT_COUNT", str(snapshot_count)
        ),
        "models/identities.sql": IDENTITIES,
    }
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    write_segments(folder, asked)


def write_segments(folder, asked):
    """Write a model for each segment, and the view over all of them."""
    models = folder / "models" / "segments"
    models.mkdir(exist_ok=True)
    for segment in asked:
        (models / f"{segment.name}.sql").write_text(segment_model(segment))
    (folder / "models" / "memberships.sql").write_text(union_view(asked))


def segment_model(segment):
    """A table of the users of one segment, by date."""
    identities = "due_identities"
    query = segments.query(segment, "{{ ref('clean_events') }}", identities)
    due = textwrap.indent(DUE_DATES, "    ").lstrip()
    return (
        f"{INCREMENTAL}\n"
        f"with\n\n{identities} as (\n"
        "    select * from {{ ref('identities') }}\n"
        f"    where as_of_date in {due}\n"
        f")\n\n{query}"
    )


def union_view(asked):
    rows = "\nunion all\n".join(
        "select\n    as_of_date,\n    user_id,\n"
        f"    '{segments.SEGMENTATION}' as segmentation,\n"
        f"    '{segment.name}' as segment\n"
        f"from {{{{ ref('{segment.name}') }}}}"
        for segment in asked
    )
    return f"{{{{ config(materialized='view') }}}}\n\n{rows}\n"
