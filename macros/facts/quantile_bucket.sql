{#
    The number of the quantile bucket of a value, 1 (lowest) to `buckets`, as a window
    expression. Ties stay together: 1 + floor(buckets x share of values strictly below).
    The window function ntile would split them. Null has no bucket: filter such rows out
    first, they would count as values.

    Arguments: value, SQL; buckets, a whole number from 2; partition_by, SQL;
    descending, true to give the smallest value the highest bucket (days since a
    purchase, say).
    Example: {{ quantile_bucket('recency_days', 5, 'as_of_date', descending=true) }}
#}
{% macro quantile_bucket(value, buckets, partition_by, descending=false) -%}
    {%- if buckets is not integer or buckets < 2 -%}
        {%- do exceptions.raise_compiler_error(
            "quantile_bucket(buckets=): given " ~ buckets | tojson
            ~ "; allowed is a whole number from 2."
        ) -%}
    {%- endif -%}
    {%- set double = user_segmentation.type_double() -%}
    1 + cast(floor(
        {{ buckets }} * (
            rank() over (
                partition by {{ partition_by }}
                order by {{ value }}{{ ' desc' if descending }}
            ) - 1
        ) / cast(count(*) over (partition by {{ partition_by }}) as {{ double }})
    ) as integer)
{%- endmacro %}
