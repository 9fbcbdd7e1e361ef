{{ config(materialized=view_unless_spark()) }}
{%- set published = published_state() %}

-- Every closed snapshot that the log of memberships tells of: those that were published
-- and those that are due now.
with

closed_dates as (
    select as_of_date from {{ ref('int_as_of_dates') }}
    where not is_provisional
),

{%- if published %}

published as (
    select
        as_of_date,
        segmentation,
        definition_hash,
        history_hash
    from {{ published }}
    where not is_provisional
),
{%- endif %}

due as (
    select
        as_of_date,
        segmentation
    from {{ ref('int_due_snapshots') }}
    where as_of_date in (select closed_dates.as_of_date from closed_dates)
),

stated as (
    {%- if published %}
    select
        coalesce(published.as_of_date, due.as_of_date) as as_of_date,
        coalesce(published.segmentation, due.segmentation) as segmentation,
        published.definition_hash,
        published.history_hash,
        due.as_of_date is not null as is_due,
        published.as_of_date is not null as is_restated
    from published
    full join due
        on
            published.as_of_date = due.as_of_date
            and published.segmentation = due.segmentation
    {%- else %}
    select
        as_of_date,
        segmentation,
        cast(null as {{ dbt.type_string() }}) as definition_hash,
        cast(null as {{ dbt.type_string() }}) as history_hash,
        true as is_due,
        false as is_restated
    from due
    {%- endif %}
)

select
    stated.segmentation,
    stated.definition_hash,
    stated.history_hash,
    stated.is_due,
    stated.is_due and stated.is_restated as is_restated,
    stated.as_of_date,
    min(stated.as_of_date) over (partition by stated.segmentation)
        as first_as_of_date,
    lead(stated.as_of_date) over (
        partition by stated.segmentation order by stated.as_of_date
    ) as next_as_of_date
from stated
