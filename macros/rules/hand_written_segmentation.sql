{#
    The config of a segmentation written by hand in SQL: switched on by the variable
    `segmentations` like any other, with its assignment for the tables that need it.
    Renders to nothing.

    Arguments: assignment, 'exclusive' (at most one segment per user and date) or
    'overlapping'.
    Example: {{ hand_written_segmentation(assignment='exclusive') }}
#}
{% macro hand_written_segmentation(assignment='overlapping') -%}
    {%- set model_name = user_segmentation._segmentation_model_name() -%}
    {%- if assignment not in ('exclusive', 'overlapping') -%}
        {%- do user_segmentation._rule_error(
            {
                'model': model_name,
                'segment': none,
                'rule': 'hand_written_segmentation',
            },
            'assignment', assignment, "'exclusive' or 'overlapping'"
        ) -%}
    {%- endif -%}
    {{- config(
        enabled=user_segmentation._is_switched_on(model_name),
        materialized='incremental',
        incremental_strategy='replace',
        meta={'assignment': assignment, 'replaces': 'due_snapshots'},
    ) -}}
    {#- The dates are those of its rows: the edges in dbt's graph. -#}
    {%- do user_segmentation.only_due_snapshots(model_name[4:]) -%}
{%- endmacro %}
