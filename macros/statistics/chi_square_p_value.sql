{#
    The p-value of a chi-square statistic: how often chance alone yields one at least as
    large. For whole degrees of freedom up to 60 it is a finite sum, which is written
    out: exact for even ones, with the accuracy of `normal_p_value` for odd ones. Above
    it is that of the cube root of the statistic, which is nearly normal then (Wilson
    and Hilferty): within 1 % down to p-values of 0.001.

    Null for a null or negative statistic, and when the degrees of freedom are null or
    below 1.

    Arguments: statistic, SQL, which is repeated for every term: give a column;
    degrees_of_freedom, a whole number from 1 or SQL of one.
    Example: {{ chi_square_p_value('chi_square', 'variant_count - 1') }}
#}
{% macro chi_square_p_value(statistic, degrees_of_freedom) -%}
    {%- set most = 60 -%}
    {%- if degrees_of_freedom is number and (
        degrees_of_freedom is not integer
        or degrees_of_freedom is boolean
        or degrees_of_freedom < 1
    ) -%}
        {%- do exceptions.raise_compiler_error(
            "chi_square_p_value(degrees_of_freedom=): given "
            ~ degrees_of_freedom | tojson
            ~ "; allowed is a whole number from 1 or SQL of one."
        ) -%}
    {%- endif -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set half -%} (cast({{ statistic }} as {{ double }}) / 2) {%- endset -%}
    {%- set left_over = user_segmentation.exponential('-' ~ half) -%}
    {%- set df -%} ({{ degrees_of_freedom }}) {%- endset -%}
    {#- Odd degrees lie halfway between the terms of even ones. -#}
    {%- set odd -%} mod({{ df }}, 2) {%- endset -%}
    {#- Each term is the one before it by the next even or odd number: 2 x 4 x 6 …, or
        3 x 5 x 7 …, both written down as texts, since they soon exceed decimals. -#}
    {%- set sum = ['1'] -%}
    {%- set products = {'even': 1, 'odd': 1} -%}
    {%- for k in range(1, most // 2) -%}
        {%- do products.update({
            'even': products.even * 2 * k, 'odd': products.odd * (2 * k + 1),
        }) -%}
        {%- do sum.append(
            'case when ' ~ df ~ ' > ' ~ 2 * k ~ ' + ' ~ odd ~ ' then power(2 * ' ~ half
            ~ ', ' ~ k ~ ') / cast(case ' ~ odd ~ " when 0 then '" ~ products.even
            ~ "' else '" ~ products.odd ~ "' end as " ~ double ~ ') else 0 end'
        ) -%}
    {%- endfor -%}
    {%- set ninth -%} (2 / (9 * cast({{ df }} as {{ double }}))) {%- endset -%}
    {%- set cube_root -%}
        (
            (power(2 * {{ half }} / {{ df }}, cast(1 as {{ double }}) / 3)
            - 1 + {{ ninth }}) / sqrt({{ ninth }})
        )
    {%- endset %}
    case
        when {{ half }} < 0 or {{ df }} < 1 then null
        when {{ df }} > {{ most }}
            then 0.5 + sign({{ cube_root }})
                * ({{ user_segmentation.normal_p_value(cube_root) }} - 1) / 2
        when {{ odd }} = 0 then {{ left_over }} * ({{ sum | join(' + ') }})
        when {{ odd }} = 1
            then {{ user_segmentation.normal_p_value('sqrt(2 * ' ~ half ~ ')') }}
            {#- The root by the gamma function of 3/2, half the root of pi. #}
            + case
                when {{ df }} > 1
                    then {{ left_over }} * sqrt({{ half }} / acos(-1)) * 2
                    * ({{ sum | join(' + ') }})
                else 0
            end
    end
{%- endmacro %}
