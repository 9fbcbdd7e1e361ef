-- Written by hand: rules rank columns of user_facts, scores come from fitted seeds.
{{ hand_written_segmentation(assignment='exclusive') }}
{%- set high_percent = 10 -%}
{%- set medium_percent = 40 %}

with

-- Ties stay together: who has the same or more decides, as in top_percent.
ranked as (
    select
        as_of_date,
        user_id,
        count(*) over (
            partition by as_of_date order by expected_revenue_90d desc
        ) as same_or_higher_count,
        count(*) over (partition by as_of_date) as buyer_count
    from {{ ref('user_scores') }}
    where
        expected_revenue_90d is not null
        and {{ only_due_snapshots('expected_value') }}
)

select
    as_of_date,
    user_id,
    'expected_value' as segmentation,
    case
        when 100 * same_or_higher_count <= {{ high_percent }} * buyer_count
            then 'high_value'
        when 100 * same_or_higher_count <= {{ medium_percent }} * buyer_count
            then 'medium_value'
        else 'low_value'
    end as segment,
    {{ hand_written_hash() }} as rule_hash
from ranked
