{#
    Whether a unit test is compiled: it has the inputs that it is given and no others,
    no table of its own and no earlier builds.

    Example: {% if is_unit_test() %}
#}
{% macro is_unit_test() -%}
    {{ return(model is defined and model.resource_type == 'unit_test') }}
{%- endmacro %}
