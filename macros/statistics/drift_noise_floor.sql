{#
    The z-score that a change has to exceed to be more than noise, in each of a number
    of changes that are judged together: the rate of false alarms on a date (variable
    drift_false_alarm_rate) is divided among its two comparisons, with the date before
    and with the baseline, then among the changes judged in one, then among both
    directions.

    Arguments: judged_count, SQL. It is repeated in each polynomial: give a column.
    Example: {{ drift_noise_floor('judged_count') }}
#}
{% macro drift_noise_floor(judged_count) -%}
    {{ user_segmentation.normal_quantile(
        '1 - ' ~ var('drift_false_alarm_rate', 0.05) ~ ' / (4.0 * ' ~ judged_count ~ ')'
    ) }}
{%- endmacro %}
