{#
    Whether a segmentation model is 'exclusive' (at most one segment per user and date)
    or 'overlapping'. A model written by hand says so with `hand_written_segmentation`;
    without a word it is overlapping, which promises nothing.

    Arguments: model_name, with its prefix seg_.
    Example: {{ segmentation_assignment('seg_rfm') }} -> exclusive
#}
{% macro segmentation_assignment(model_name) -%}
    {%- set definition = user_segmentation._segmentation_definition(model_name) -%}
    {%- if definition -%}
        {{ return(definition.assignment) }}
    {%- endif -%}
    {%- set node = user_segmentation._segmentation_node(model_name) -%}
    {%- set meta = node.config.meta if node else {} -%}
    {{ return(meta.get('assignment', 'overlapping')) }}
{%- endmacro %}
