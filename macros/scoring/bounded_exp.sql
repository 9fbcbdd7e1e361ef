{#
    exp of a value that is kept from -50 to 50: beyond, engines differ in what they do,
    some stop with an error, and a probability made of it does not change any more. Null
    stays null (with least and greatest some engines would lose it).

    Arguments: value, SQL.
    Example: 1 / (1 + {{ bounded_exp('-logit') }})
#}
{% macro bounded_exp(value) -%}
    exp(
        case
            when {{ value }} > 50 then 50
            when {{ value }} < -50 then -50
            else {{ value }}
        end
    )
{%- endmacro %}
