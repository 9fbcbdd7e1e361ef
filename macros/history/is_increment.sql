{#
    Whether a model adds to the table that it built before: dbt's is_incremental(), but
    false in unit tests, unless they override it.

    Example: {% if is_increment() %} where … {% endif %}
#}
{% macro is_increment() -%}
    {{ return(not user_segmentation.is_unit_test() and is_incremental()) }}
{%- endmacro %}
