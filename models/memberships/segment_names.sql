{{ config(materialized=view_unless_spark()) }}

-- Rows of earlier dates have the names of their time: the rule's hash says which
-- segment a name meant.
with

versions as (
    select
        segmentation,
        segment,
        rule_hash,
        segment_key,
        row_number() over (
            partition by segmentation, segment, rule_hash
            order by definition_version desc
        ) as position_from_last,
        row_number() over (
            partition by segmentation, segment_key
            order by
                case when is_current then 0 else 1 end asc,
                last_valid_date desc,
                definition_version desc,
                segment asc
        ) as position_of_name
    from {{ ref('segment_definitions') }}
)

select
    versions.segmentation,
    versions.segment,
    versions.rule_hash,
    versions.segment_key,
    last_names.segment as last_segment
from versions
inner join versions as last_names
    on
        versions.segmentation = last_names.segmentation
        and versions.segment_key = last_names.segment_key
        and last_names.position_of_name = 1
where versions.position_from_last = 1
