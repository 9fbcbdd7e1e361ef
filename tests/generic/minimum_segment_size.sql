{#
    Fails for every segment that has fewer users on the current date than it should. For
    `segment_sizes`, in which an empty segment has a row too.

    Arguments: min_size, the least size of every segment; by default each segment's own
    `min_size` from its definition.
    Columns for debugging: the segment, its size and the least.
#}
{% test minimum_segment_size(model, min_size=none) %}

select
    as_of_date,
    segmentation,
    segment,
    user_count,
    {{ min_size if min_size is not none else 'min_size' }} as least_user_count
from {{ model }}
where
    is_current
    and user_count < {{ min_size if min_size is not none else 'min_size' }}

{% endtest %}
