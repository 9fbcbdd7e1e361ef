{#
    Fails for every row of the current date that has the status `alert`. For the tables
    of drift; meant as a warning.

    Arguments: columns, the list of those that tell what changed and how much.
    Columns for debugging: these.
#}
{% test drift_is_calm(model, columns) %}

select
    {{ columns | join(',\n    ') }}
from {{ model }}
where
    is_current
    and status = 'alert'

{% endtest %}
