{#
    The documented columns of a model of this project with their types, as a dictionary;
    empty while dbt parses, when it does not know them yet.

    Arguments: model_name, without the package.
#}
{% macro _column_types(model_name) -%}
    {%- set types = {} -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.user_segmentation.' ~ model_name] -%}
        {%- for name, column in node.columns.items() -%}
            {%- do types.update({name: column.data_type}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}
