{#
    Fails for every segment that is beyond a limit of size. For `segment_size_checks`.

    Arguments: level, 'warn' or 'error': the status that fails.
    Columns for debugging: the segment, what is limited, its value and the limit.
#}
{% test within_size_limits(model, level) %}

select
    as_of_date,
    segmentation,
    segment,
    measure,
    value,
    {{ level }}_limit as size_limit,
    comment
from {{ model }}
where status = '{{ level }}'

{% endtest %}
