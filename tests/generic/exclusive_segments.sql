{#
    Fails for every user who has more than one segment of one segmentation on one date.
    For any relation with the columns of a segmentation model.

    Columns for debugging: the key, `segment_count`, the first and the last segment.
#}
{% test exclusive_segments(model) %}

select
    as_of_date,
    user_id,
    segmentation,
    count(*) as segment_count,
    min(segment) as first_segment,
    max(segment) as last_segment
from {{ model }}
group by
    as_of_date,
    user_id,
    segmentation
having count(*) > 1

{% endtest %}
