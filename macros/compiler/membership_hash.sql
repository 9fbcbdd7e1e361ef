{#
    SQL for the hash of what made a membership row of a segmentation model: the column
    that `segmentation` writes or, for a model written by hand, the checksum of its
    file.

    Arguments: model_name, with its prefix seg_.
    Example: {{ membership_hash('seg_rfm') }} as rule_hash
#}
{% macro membership_hash(model_name) -%}
    {%- if user_segmentation._segmentation_definition(model_name) or not execute -%}
        {{ return('rule_hash') }}
    {%- endif -%}
    {%- set node = user_segmentation._segmentation_node(model_name) -%}
    {{ return(user_segmentation.text_literal(local_md5(node.checksum.checksum))) }}
{%- endmacro %}
