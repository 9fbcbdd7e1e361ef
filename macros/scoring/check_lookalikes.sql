{#
    Stops compilation when the list of look-alikes at the top of seg_lookalike has a
    mistake, with an error that names the entry. Renders to nothing.

    Arguments: lookalikes, a list of dictionaries with `segment` (a name of its own),
    `model` and `of_segment` (whom it resembles, see in_segment) and `top_percent` (a
    number above 0, up to 100).
    Example: {%- do check_lookalikes(lookalikes) -%}
#}
{% macro check_lookalikes(lookalikes) -%}
    {%- set model_name = user_segmentation._segmentation_model_name() -%}
    {#- What it refers to may be switched off with it. -#}
    {%- if model_name[4:] in var('segmentations', []) -%}
        {%- do user_segmentation._check_lookalikes(model_name, lookalikes) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _check_lookalikes(model_name, lookalikes) -%}
    {%- set place = {'model': model_name, 'segment': none, 'rule': 'lookalikes'} -%}
    {%- set keys = ['segment', 'model', 'of_segment', 'top_percent'] -%}
    {%- if not user_segmentation._is_list(lookalikes) or not lookalikes -%}
        {%- do user_segmentation._rule_error(
            place, 'lookalikes', lookalikes, 'a list of dictionaries, not empty'
        ) -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for entry in lookalikes -%}
        {%- if entry is not mapping or entry.keys() | sort != keys | sort -%}
            {%- do user_segmentation._rule_error(
                place, 'lookalikes', entry, 'a dictionary with ' ~ keys | join(', ')
            ) -%}
        {%- elif entry.segment is not string
            or not modules.re.fullmatch('[a-z][a-z0-9_]*', entry.segment)
            or entry.segment in names -%}
            {%- do user_segmentation._rule_error(
                place, 'segment', entry.segment,
                'a name in lower_snake_case that no other look-alike has'
            ) -%}
        {%- endif -%}
        {%- do names.append(entry.segment) -%}
        {%- set here = {
            'model': model_name, 'segment': entry.segment, 'rule': 'lookalikes',
        } -%}
        {%- if entry.of_segment is not string -%}
            {%- do user_segmentation._rule_error(
                here, 'of_segment', entry.of_segment, 'the name of a segment'
            ) -%}
        {%- endif -%}
        {%- do user_segmentation._check_in_segment(
            user_segmentation.in_segment(entry.model, entry.of_segment), here
        ) -%}
        {%- if entry.top_percent is not number or entry.top_percent is boolean
            or entry.top_percent <= 0 or entry.top_percent > 100 -%}
            {%- do user_segmentation._rule_error(
                here, 'top_percent', entry.top_percent, 'a number above 0, up to 100'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
