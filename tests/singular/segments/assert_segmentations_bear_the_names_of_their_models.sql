with

found as (
    {%- for name in var('segmentations', []) %}
    select distinct
        '{{ name }}' as model_segmentation,
        segmentation
    from {{ ref('seg_' ~ name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    model_segmentation,
    segmentation
from found
where
    segmentation <> model_segmentation
    or segmentation is null
