{{ config(materialized=view_unless_spark()) }}

with

rules as (
    select distinct
        segmentation,
        rule_hash
    from {{ ref('segment_definitions') }}
    where is_current
)

select
    segmentation,
    {{ dbt.hash(text_list('rule_hash', "' '", 'rule_hash')) }}
        as definition_hash
from rules
group by segmentation
