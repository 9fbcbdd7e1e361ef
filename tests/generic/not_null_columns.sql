{#
    Fails for every row in which one of the columns is null. One scan for all of them;
    for views, where a contract can not hold `not null`.

    Arguments: columns, a list.
    Columns for debugging: those of the model.
#}
{% test not_null_columns(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {%- endfor %}

{% endtest %}
