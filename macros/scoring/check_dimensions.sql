{#
    Returns those of the dimensions at the top of seg_microsegment that are models of
    segmentations. A mistake in the list stops compilation, with an error that names it.

    Arguments: dimensions, a list of different names: of exclusive segmentation models,
    with their prefix seg_, or of columns of text of user_facts.
    Example: {{ check_dimensions(['seg_lifecycle', 'gender']) }} -> ['seg_lifecycle']
#}
{% macro check_dimensions(dimensions) -%}
    {%- set model_name = user_segmentation._segmentation_model_name() -%}
    {#- What it refers to may be switched off with it. -#}
    {%- if model_name[4:] not in var('segmentations', []) -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(user_segmentation._check_dimensions(model_name, dimensions)) }}
{%- endmacro %}

{% macro _check_dimensions(model_name, dimensions) -%}
    {%- set place = {'model': model_name, 'segment': none, 'rule': 'microsegments'} -%}
    {%- if not user_segmentation._is_list(dimensions) or not dimensions
        or dimensions | reject('string') | list
        or dimensions | unique | list | length != dimensions | length -%}
        {%- do user_segmentation._rule_error(
            place, 'dimensions', dimensions, 'a list of different names, not empty'
        ) -%}
    {%- endif -%}
    {%- set segmentations = [] -%}
    {%- for name in dimensions -%}
        {%- if name.startswith('seg_') -%}
            {%- do user_segmentation._check_referred_model(name, place) -%}
            {%- do segmentations.append(name) -%}
            {%- if user_segmentation._segmentation_node(name)
                and user_segmentation.segmentation_assignment(name) != 'exclusive' -%}
                {%- do user_segmentation._rule_error(
                    place, 'dimensions', name,
                    'an exclusive segmentation: in an overlapping one a user has '
                    ~ 'several segments or none'
                ) -%}
            {%- endif -%}
        {%- else -%}
            {%- set type = user_segmentation._check_fact_column(name, place) -%}
            {%- set family = user_segmentation._type_family(
                {'column': name, 'type': type}
            ) -%}
            {%- if execute and family != 'text' -%}
                {%- do user_segmentation._rule_error(
                    place, 'dimensions', name,
                    'a column of user_facts with text; this one has the type ' ~ type
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(segmentations) }}
{%- endmacro %}
