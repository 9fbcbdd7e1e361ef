{#
    Fails for every segmentation whose drift on the current date has the status `alert`.
    For `segment_drift`; meant as a warning.

    Columns for debugging: the segmentation, the comparison and the three measures.
#}
{% test drift_is_calm(model) %}

select
    as_of_date,
    segmentation,
    comparison,
    compared_as_of_date,
    population_stability_index,
    jensen_shannon_divergence,
    membership_stability_share
from {{ model }}
where
    is_current
    and status = 'alert'

{% endtest %}
