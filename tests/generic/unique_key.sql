{#
    Fails for every key that more than one row has, or that has a null in it.

    Arguments: columns, the list of the columns of the key.
    Columns for debugging: those of the key and `row_count`.
#}
{% test unique_key(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by
    {{ columns | join(',\n    ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
