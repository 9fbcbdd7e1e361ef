{#
    The weight that is left of something that happened on a day: 1 on the day itself,
    one half after the half-life, one quarter after twice that.

    Arguments: date and as_of_date, SQL; half_life_days, a number above 0.
    Example: sum(weight * {{ time_decay('activity_date', 'as_of_date', 30) }})
#}
{% macro time_decay(date, as_of_date, half_life_days) -%}
    {%- set age_days = dbt.datediff(date, as_of_date, 'day') -%}
    {%- set double = user_segmentation.type_double() -%}
    {#- Some engines stop with an error where nothing is left of it. -#}
    power(
        cast(0.5 as {{ double }}),
        least({{ age_days }} / cast({{ half_life_days }} as {{ double }}), 1000)
    )
{%- endmacro %}
