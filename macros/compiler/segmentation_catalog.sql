{#
    The segmentations that are switched on, as two lists: the segments of those made by
    `segmentation` (dictionaries, see segment_definition_rows), and those written by
    hand (dictionaries with `model` and `relation`).

    Refers to every model of the variable `segmentations`: the references make the edges
    in dbt's graph, which reading the stored definitions does not.

    Example: {% set definitions, written_by_hand = segmentation_catalog() %}
#}
{% macro segmentation_catalog() -%}
    {%- set definitions = [] -%}
    {%- set written_by_hand = [] -%}
    {%- for name in var('segmentations', []) -%}
        {%- set model_name = 'seg_' ~ name -%}
        {%- set relation = ref(model_name) -%}
        {%- set rows = user_segmentation.segment_definition_rows(model_name) -%}
        {%- if rows -%}
            {%- do definitions.extend(rows) -%}
        {%- else -%}
            {%- do written_by_hand.append({
                'model': model_name, 'relation': relation,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return((definitions, written_by_hand)) }}
{%- endmacro %}
