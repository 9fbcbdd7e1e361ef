{#
    The two-sided p-value of a value that is standard normal by chance: how often chance
    alone yields one at least as far from 0. 0.05 for 1.959964 and for -1.959964.

    The complementary error function by a polynomial in its exponent (Press et al.,
    Numerical Recipes, erfcc): relative error below 1.2e-7 everywhere, also far out,
    until the p-value is too small for a double and comes out as 0.

    Arguments: z_score, SQL. It is repeated in the polynomial: give a column.
    Example: {{ normal_p_value('z_score') }}
#}
{% macro normal_p_value(z_score) -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set distance -%}
        (abs(cast({{ z_score }} as {{ double }})) / sqrt(2))
    {%- endset -%}
    {%- set t -%} (1 / (1 + {{ distance }} / 2)) {%- endset -%}
    {%- set exponent -%}
        {{ user_segmentation._polynomial(t, [
            '-1.26551223', '1.00002368', '0.37409196', '0.09678418', '-0.18628806',
            '0.27886807', '-1.13520398', '1.48851587', '-0.82215223', '0.17087277',
        ]) }} - {{ distance }} * {{ distance }}
    {%- endset -%}
    {{ t }} * {{ user_segmentation.exponential(exponent) }}
{%- endmacro %}
