{#
    Fails for every pair of segments that share more users than their budget allows. For
    `overlap_budget_use`; meant as a warning.

    Columns for debugging: the pair, the share and the budget.
#}
{% test within_overlap_budget(model) %}

select
    as_of_date,
    segmentation,
    segment,
    other_segmentation,
    other_segment,
    overlap_share,
    max_share
from {{ model }}
where is_over_budget

{% endtest %}
