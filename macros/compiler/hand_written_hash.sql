{#
    SQL for the hash of what makes the rows of a segmentation written by hand: its file,
    the facts and seeds that it reads, and `time_zone`.

    Arguments: model_name, with its prefix seg_; by default the model that is compiled.
    Example: {{ hand_written_hash() }} as rule_hash
#}
{% macro hand_written_hash(model_name=none) -%}
    {%- set node = user_segmentation._segmentation_node(
        model_name or user_segmentation._segmentation_model_name()
    ) -%}
    {%- set checksums = [] -%}
    {%- if node -%}
        {%- do user_segmentation._collect_checksums(node, checksums) -%}
    {%- endif -%}
    {{ return(user_segmentation.text_literal(local_md5(
        (checksums | unique | sort + [var('time_zone', 'UTC')]) | join(' ')
    ))) }}
{%- endmacro %}

{# The checksums of a node and of the facts, segmentations and seeds behind it. #}
{% macro _collect_checksums(node, checksums) -%}
    {%- do checksums.append(node.checksum.checksum) -%}
    {%- for name in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(name) -%}
        {%- if parent and (
            parent.resource_type == 'seed'
            or parent.fqn[1] in ('facts', 'segments')
        ) -%}
            {%- do user_segmentation._collect_checksums(parent, checksums) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
