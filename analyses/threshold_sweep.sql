{#- How large a segment would be at other thresholds, before one is chosen: users with at
    least n purchases in the last days, for several of both, on every snapshot date. -#}
{%- set windows = [30, 90, 365] -%}
with

facts as (
    select * from {{ ref('user_facts') }}
),

thresholds as (
    {%- for threshold in range(1, 7) %}
    select {{ threshold }} as purchase_threshold
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    facts.as_of_date,
    thresholds.purchase_threshold,
    {%- for days in windows %}
    sum(
        case
            when facts.purchase_count_{{ days }}d >= thresholds.purchase_threshold then 1
            else 0
        end
    ) as user_count_{{ days }}d,
    {%- endfor %}
    count(*) as population_user_count
from facts
cross join thresholds
group by
    facts.as_of_date,
    thresholds.purchase_threshold
order by
    facts.as_of_date desc,
    thresholds.purchase_threshold asc
