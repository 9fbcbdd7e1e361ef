{#
    The pairs of segments that `conflicts_with` declares, over the segmentations that
    are switched on: a list of dictionaries with `segmentation`, `segment`,
    `other_segmentation` and `other_segment`. A name without a dot is a segment of the
    same segmentation. Stops with an error for a segment that does not exist.

    Example: {% for pair in declared_conflicts() %} {{ pair.segment }} {% endfor %}
#}
{% macro declared_conflicts() -%}
    {%- set pairs = [] -%}
    {%- for name in var('segmentations', []) -%}
        {%- set model_name = 'seg_' ~ name -%}
        {%- set definition = user_segmentation._segmentation_definition(model_name) -%}
        {%- for item in definition.segments if definition -%}
            {%- for other in item.conflicts_with -%}
                {%- set other_segmentation, other_segment =
                    other.split('.', 1) if '.' in other else (name, other) -%}
                {%- set known =
                    user_segmentation._segmentation_definition(
                        'seg_' ~ other_segmentation
                    ) -%}
                {%- if other_segmentation not in var('segmentations', [])
                    or (known and other_segment not in known.names) -%}
                    {%- do user_segmentation._rule_error(
                        {
                            'model': model_name,
                            'segment': item.name,
                            'rule': 'segment',
                        },
                        'conflicts_with',
                        other,
                        "a segment of this segmentation, or segmentation.segment of "
                        ~ "one that is switched on"
                    ) -%}
                {%- endif -%}
                {%- do pairs.append({
                    'segmentation': name,
                    'segment': item.name,
                    'other_segmentation': other_segmentation,
                    'other_segment': other_segment,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}
