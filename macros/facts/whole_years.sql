{#
    Full years between two days: the birthday counts, the day before it does not. Who is
    born on 29 February turns older on 1 March in other years.

    Example: {{ whole_years('birth_date', 'as_of_date') }}
#}
{% macro whole_years(from_date, to_date) -%}
    {%- set from_month_and_day -%}
        extract(month from {{ from_date }}) * 100 + extract(day from {{ from_date }})
    {%- endset -%}
    {%- set to_month_and_day -%}
        extract(month from {{ to_date }}) * 100 + extract(day from {{ to_date }})
    {%- endset -%}
    extract(year from {{ to_date }}) - extract(year from {{ from_date }})
    - case
        when
            {{ to_month_and_day }}
            < {{ from_month_and_day }}
            then 1
        else 0
    end
{%- endmacro %}
