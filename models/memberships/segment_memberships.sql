{#- A copy of the rows would cost more than all the rest. -#}
{{ config(materialized=view_unless_spark()) }}

{%- for name in var('segmentations', []) %}
{%- set model_name = 'seg_' ~ name %}
select
    as_of_date,
    user_id,
    segmentation,
    segment,
    {{ membership_hash(model_name) }} as rule_hash
from {{ ref(model_name) }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
