{#
    The schema of a node: in the target `prod` the plain folder name (`memberships`), in
    every other target that name behind the target's own schema (`dev_ana_memberships`),
    so that two developers on one warehouse never write to each other's tables.

    Arguments: custom_schema_name, from the config `schema`; node, as dbt passes it.
#}
{% macro generate_schema_name(custom_schema_name, node) %}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.name == 'prod' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{% endmacro %}
