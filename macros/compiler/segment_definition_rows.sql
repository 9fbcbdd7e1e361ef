{#
    What is known of the segments of one segmentation model, one dictionary per segment,
    for `segment_definitions`. Empty for a model written by hand.

    Arguments: model_name, with its prefix seg_.
#}
{% macro segment_definition_rows(model_name) -%}
    {%- set definition = user_segmentation._segmentation_definition(model_name) -%}
    {%- set rows = [] -%}
    {%- for item in definition.segments if definition -%}
        {%- do rows.append({
            'segmentation': model_name[4:],
            'segment': item.name,
            'assignment': definition.assignment,
            'description': item.description,
            'owner': item.owner,
            'rule_words': user_segmentation._rule_words(item.rule),
            'rule_json': tojson(item.rule),
            'rule_hash': user_segmentation._rule_hash(definition, loop.index0),
            'position': loop.index,
            'min_size': item.min_size,
            'is_otherwise': false,
        }) -%}
    {%- endfor -%}
    {%- if definition and definition.otherwise -%}
        {%- do rows.append({
            'segmentation': model_name[4:],
            'segment': definition.otherwise,
            'assignment': definition.assignment,
            'description': 'Everyone else in the population',
            'owner': none,
            'rule_words': 'none of the rules before',
            'rule_json': tojson({'rule': 'otherwise'}),
            'rule_hash': user_segmentation._rule_hash(
                definition, definition.segments | length
            ),
            'position': definition.segments | length + 1,
            'min_size': none,
            'is_otherwise': true,
        }) -%}
    {%- endif -%}
    {{ return(rows) }}
{%- endmacro %}
