{#
    The relative lift that an effect size makes of a rate. The effect size is Cohen's h,
    the difference of two rates on the scale of arcsine roots, on which a difference is
    equally hard to see everywhere. Null for a rate of 0 and where the lifted rate would
    be above 1.

    Arguments: rate, SQL from 0 to 1; effect_size, SQL, not negative.
    Example: {{ lift_of_effect_size('conversion_rate', 'detectable_effect_size') }}
#}
{% macro lift_of_effect_size(rate, effect_size) -%}
    {%- set angle -%} asin(sqrt({{ rate }})) + {{ effect_size }} / 2 {%- endset -%}
    case
        when {{ rate }} > 0 and {{ angle }} <= asin(1)
            then power(sin({{ angle }}), 2) / {{ rate }} - 1
    end
{%- endmacro %}
