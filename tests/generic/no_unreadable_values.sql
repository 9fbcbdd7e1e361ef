{#
    Fails for every raw table with rows in which a value was given that can not be read.
    The rows are kept and the value counts as missing; meant as a warning.

    Columns for debugging: the table and the two counts.
#}
{% test no_unreadable_values(model) %}

select
    source_table,
    unreadable_value_row_count,
    unreadable_json_row_count
from {{ model }}
where unreadable_value_row_count + unreadable_json_row_count > 0

{% endtest %}
