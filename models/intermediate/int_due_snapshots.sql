{{ config(materialized=view_unless_spark()) }}
{%- set published = published_state() %}

-- A segmentation that was switched on later has all dates to catch up with.
with

segmentations as (
    {%- for name in var('segmentations', []) %}
    select {{ text_literal(name) }} as segmentation
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    as_of_dates.as_of_date,
    segmentations.segmentation
from {{ ref('int_as_of_dates') }} as as_of_dates
cross join segmentations
{%- if published %}
left join {{ published }} as published
    on
        as_of_dates.as_of_date = published.as_of_date
        and segmentations.segmentation = published.segmentation
where
    as_of_dates.is_due
    or published.segmentation is null
    or not published.is_kept
{%- endif %}
