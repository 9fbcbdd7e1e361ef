{#
    The relation of a model as the builds before left it, or none when it is not there:
    for what is compared with it before it is written anew. Where it can, a model uses
    `this` or ref() instead.

    Arguments: model_name.
    Example: {% set log = earlier_state('segment_membership_log') %}
#}
{% macro earlier_state(model_name) -%}
    {%- if not execute or user_segmentation.is_unit_test() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set node = graph.nodes['model.user_segmentation.' ~ model_name] -%}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{%- endmacro %}
