{#
    The number of the bin of a value among cut points that part another date's values
    into bins of equal frequency: 1 for values below all of them, one more for each that
    the value has reached; 0 for null. The outer bins are open, so that every value has
    a bin. Equal cut points are merged, since no value lies between them: the numbers
    between are left out.

    A cut point that is the least value of all, as where most values are 0, would part
    nothing; it parts that value from all above.

    Arguments: value, SQL of a number; minimum, SQL of the least value of the base;
    cut_points, list of SQL, ascending.
    Example: {{ equal_frequency_bin('revenue', 'base.minimum', ['base.median']) }}
#}
{% macro equal_frequency_bin(value, minimum, cut_points) -%}
    {%- if not user_segmentation._is_list(cut_points) or not cut_points -%}
        {%- do exceptions.raise_compiler_error(
            "equal_frequency_bin(cut_points=): given " ~ cut_points | tojson
            ~ "; allowed is a list of SQL expressions, at least one."
        ) -%}
    {%- endif -%}
    case
        when {{ value }} is null then 0
        when {{ value }} <= {{ minimum }} then 1
        {%- for cut_point in cut_points %}
        when {{ value }} < {{ cut_point }} then {{ loop.index }}
        {%- endfor %}
        else {{ cut_points | length + 1 }}
    end
{%- endmacro %}
