{#
    SQL condition: every model of the project is part of this run. What a part of it
    computes is not published, the next whole build computes it again.

    Example: where {{ is_whole_build() }}
#}
{% macro is_whole_build() -%}
    {%- set missing = [] -%}
    {%- if execute -%}
        {%- for name, node in graph.nodes.items()
            if node.resource_type == 'model'
                and node.package_name == 'user_segmentation'
                and name not in selected_resources -%}
            {%- do missing.append(node.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('true' if not missing else 'false') }}
{%- endmacro %}
