{#
    SQL for the hash of what made a membership row of a segmentation model: the column
    that it has or, for a model written by hand without one, what made its rows now.

    Arguments: model_name, with its prefix seg_.
    Example: {{ membership_hash('seg_rfm') }} as rule_hash
#}
{% macro membership_hash(model_name) -%}
    {%- set node = user_segmentation._segmentation_node(model_name) -%}
    {%- if not node or node.config.meta.get('segmentation')
        or 'rule_hash' in node.columns -%}
        {{ return('rule_hash') }}
    {%- endif -%}
    {{ return(user_segmentation.hand_written_hash(model_name)) }}
{%- endmacro %}
