{#
    Whether a value of a rule is a list: a text and a dictionary, which Jinja also takes
    for sequences, are none.

    Arguments: value, anything, also undefined.
#}
{% macro _is_list(value) -%}
    {{ return(
        value is defined and value is sequence and value is not string
        and value is not mapping
    ) }}
{%- endmacro %}
