{#
    Fails for every row of the current date that has the status `alert`. For the tables
    of drift; meant as a warning.

    Columns for debugging: those of the model.
#}
{% test drift_is_calm(model) %}

select *
from {{ model }}
where
    is_current
    and status = 'alert'

{% endtest %}
