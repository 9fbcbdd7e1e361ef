{#
    The p-value of a chi-square statistic: how often chance alone yields one at least as
    large. For whole degrees of freedom it is a finite sum, which is written out: exact
    for even ones, with the accuracy of `normal_p_value` for odd ones.

    Null for a null or negative statistic, and when the degrees of freedom are null,
    below 1 or above 60.

    Arguments: statistic, SQL, which is repeated for every term: give a column;
    degrees_of_freedom, a whole number from 1 to 60 or SQL of one.
    Example: {{ chi_square_p_value('chi_square', 'variant_count - 1') }}
#}
{% macro chi_square_p_value(statistic, degrees_of_freedom) -%}
    {%- set most = 60 -%}
    {%- if degrees_of_freedom is number and (
        degrees_of_freedom is not integer
        or degrees_of_freedom is boolean
        or degrees_of_freedom < 1
        or degrees_of_freedom > most
    ) -%}
        {%- do exceptions.raise_compiler_error(
            "chi_square_p_value(degrees_of_freedom=): given "
            ~ degrees_of_freedom | tojson
            ~ "; allowed is a whole number from 1 to " ~ most ~ " or SQL of one."
        ) -%}
    {%- endif -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set half -%} (cast({{ statistic }} as {{ double }}) / 2) {%- endset -%}
    {%- set df -%} ({{ degrees_of_freedom }}) {%- endset -%}
    {#- Odd degrees lie halfway between the terms of even ones. -#}
    {%- set odd -%} mod({{ df }}, 2) {%- endset -%}
    {%- set sum = ['1'] -%}
    {%- for k in range(1, most // 2) | reverse -%}
        {%- do sum.append(
            '(1 + case when ' ~ df ~ ' > ' ~ 2 * k ~ ' + ' ~ odd ~ ' then 2 * ' ~ half
            ~ ' / (' ~ 2 * k ~ ' + ' ~ odd ~ ') * ' ~ sum.pop() ~ ' else 0 end)'
        ) -%}
    {%- endfor -%}
    case
        when {{ half }} < 0 or {{ df }} < 1 or {{ df }} > {{ most }} then null
        when {{ odd }} = 0 then exp(-{{ half }}) * {{ sum[0] }}
        when {{ odd }} = 1
            then {{ user_segmentation.normal_p_value('sqrt(2 * ' ~ half ~ ')') }}
            {#- The root by the gamma function of 3/2, half the root of pi. #}
            + case
                when {{ df }} > 1
                    then exp(-{{ half }}) * sqrt({{ half }} / acos(-1)) * 2
                    * {{ sum[0] }}
                else 0
            end
    end
{%- endmacro %}
