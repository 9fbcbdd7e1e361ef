{#
    The stored definition of a segmentation model, or none for one written by hand and
    while dbt parses, when it does not know the models yet.

    Arguments: model_name, with its prefix seg_.
#}
{% macro _segmentation_definition(model_name) -%}
    {%- set node = user_segmentation._segmentation_node(model_name) -%}
    {{ return(node.config.meta.get('segmentation') if node else none) }}
{%- endmacro %}

{#
    The node of a segmentation model in dbt's graph, whatever package it is in, or none;
    in a unit test, which has no graph, none too.
#}
{% macro _segmentation_node(model_name) -%}
    {%- if execute -%}
        {%- for node in graph.get('nodes', {}).values()
            if node.resource_type == 'model' and node.name == model_name -%}
            {{ return(node) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
