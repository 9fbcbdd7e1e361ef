{{ config(materialized='view') }}

with

declared as (
    {%- for pair in declared_conflicts() %}
    select
        {{ text_literal(pair.segmentation) }} as segmentation,
        {{ text_literal(pair.segment) }} as segment,
        {{ text_literal(pair.other_segmentation) }} as other_segmentation,
        {{ text_literal(pair.other_segment) }} as other_segment
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as segmentation,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as other_segmentation,
        cast(null as {{ dbt.type_string() }}) as other_segment
    where false
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

memberships as (
    select
        memberships.as_of_date,
        memberships.user_id,
        memberships.segmentation,
        memberships.segment
    from {{ ref('segment_memberships') }} as memberships
    inner join current_dates
        on memberships.as_of_date = current_dates.as_of_date
)

select
    memberships.as_of_date,
    memberships.user_id,
    declared.segmentation,
    declared.segment,
    declared.other_segmentation,
    declared.other_segment,
    count(*) over (
        partition by
            declared.segmentation,
            declared.segment,
            declared.other_segmentation,
            declared.other_segment
    ) as conflict_user_count
from declared
inner join memberships
    on
        declared.segmentation = memberships.segmentation
        and declared.segment = memberships.segment
inner join memberships as other_memberships
    on
        declared.other_segmentation = other_memberships.segmentation
        and declared.other_segment = other_memberships.segment
        and memberships.user_id = other_memberships.user_id
