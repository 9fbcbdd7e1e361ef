{#
    A value in standard deviations off the mean, so that features of different units
    compare. 0 where everybody has the same value; null where one of the three is.

    Arguments: value, mean and deviation, SQL.
    Example: {{ standardised('tenure_log', 'tenure_log_mean', 'tenure_log_deviation') }}
#}
{% macro standardised(value, mean, deviation) -%}
    case
        when {{ deviation }} = 0 then 0
        else ({{ value }} - {{ mean }}) / {{ deviation }}
    end
{%- endmacro %}
