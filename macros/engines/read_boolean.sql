{#
    The boolean that a text holds, else null: the words `true` and `false`, as in JSON.

    Example: {{ read_boolean("lower(marketing_consent)") }}
#}
{% macro read_boolean(expression) -%}
    {{ return(
        "case " ~ expression ~ " when 'true' then true when 'false' then false end"
    ) }}
{%- endmacro %}
