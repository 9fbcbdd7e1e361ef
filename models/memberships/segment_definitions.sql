{%- set definitions, written_by_hand = segmentation_catalog() -%}
with

{%- if written_by_hand %}

-- Segmentations written by hand have the segments that occur.
occurring as (
    {%- for item in written_by_hand %}
    select distinct
        segmentation,
        segment,
        {{ text_literal(segmentation_assignment(item.model)) }} as assignment,
        {{ membership_hash(item.model) }} as rule_hash
    from {{ item.relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),
{%- endif %}

definitions as (
    {%- for row in definitions %}
    select
        {{ text_literal(row.segmentation) }} as segmentation,
        {{ text_literal(row.segment) }} as segment,
        {{ text_literal(row.assignment) }} as assignment,
        {{ text_literal(row.description) if row.description else 'null' }}
            as description,
        {{ text_literal(row.owner) if row.owner else 'null' }} as owner,
        {{ text_literal(row.rule_words) }} as rule_words,
        {{ text_literal(row.rule_json) }} as rule_json,
        {{ text_literal(row.rule_hash) }} as rule_hash,
        {{ row.position }} as position,
        {{ row.min_size if row.min_size is not none else 'null' }} as min_size,
        {{ row.is_otherwise | lower }} as is_otherwise
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if definitions and written_by_hand %}
    union all
    {%- endif %}
    {%- if written_by_hand %}
    select
        segmentation,
        segment,
        assignment,
        null as description,
        null as owner,
        'the SQL of its model, written by hand' as rule_words,
        null as rule_json,
        rule_hash,
        row_number() over (partition by segmentation order by segment) as position,
        null as min_size,
        false as is_otherwise
    from occurring
    {%- endif %}
)

select
    segmentation,
    segment,
    assignment,
    cast(description as {{ dbt.type_string() }}) as description,
    cast(owner as {{ dbt.type_string() }}) as owner,
    rule_words,
    cast(rule_json as {{ dbt.type_string() }}) as rule_json,
    rule_hash,
    cast(position as integer) as position,
    cast(min_size as integer) as min_size,
    is_otherwise
from definitions
