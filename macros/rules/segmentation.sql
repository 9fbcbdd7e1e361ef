{#
    A whole segmentation: the SQL of a model in models/segments/. One row per
    `as_of_date`, `user_id` and segment that holds. The checked definition is stored in
    the model's `config.meta`, where docs, `segment_definitions`, size tests and other
    models read it.

    A model whose name is not in the variable `segmentations` is switched off.

    Arguments are described in _macros.yml; every fault in them or in a rule stops
    compilation with an error that names the model, the segment and the argument.
    Example:
        {{ segmentation(
            segments=[segment('buyer', rule=performed('purchase'))],
            otherwise='visitor',
        ) }}
#}
{% macro segmentation(
    segments, assignment='exclusive', otherwise=none, population=none
) -%}
    {%- set model_name = user_segmentation._segmentation_model_name() -%}
    {%- set definition = user_segmentation._check_segmentation(model_name, {
        'segments': segments,
        'assignment': assignment,
        'otherwise': otherwise,
        'population': population,
        'unknown_arguments': user_segmentation._unknown_arguments(varargs, kwargs),
    }) -%}
    {%- do user_segmentation._check_no_jinja_operators(model_name) -%}
    {%- set is_on = user_segmentation._is_switched_on(model_name) -%}
    {{- config(
        enabled=is_on,
        materialized='incremental',
        incremental_strategy='replace',
        meta={'segmentation': definition, 'replaces': 'due_snapshots'},
    ) -}}
    {%- set due = user_segmentation.only_due_snapshots(model_name[4:]) -%}
    {%- if execute -%}
        {{ user_segmentation._segmentation_sql(
            model_name, definition, due if user_segmentation.is_increment() else none
        ) }}
    {%- else -%}
        {#- While dbt parses it wants to know what the SQL will read, and no SQL. -#}
        {%- do user_segmentation._refer_to_inputs(definition) -%}
    {%- endif -%}
{%- endmacro %}

{# Whether the variable `segmentations` lists a model; warns if it does not. #}
{% macro _is_switched_on(model_name) -%}
    {%- if model_name[4:] in var('segmentations', []) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- do exceptions.warn(
        model_name ~ " is switched off: '" ~ model_name[4:]
        ~ "' is not in the variable segmentations in dbt_project.yml. "
        ~ "Add it there to switch the segmentation on."
    ) -%}
    {{ return(false) }}
{%- endmacro %}

{#
    `performed(...) and performed(...)` is legal Jinja and means the second rule alone:
    an error. Looked for in the model's code behind `segmentation(`, texts left out.
#}
{% macro _check_no_jinja_operators(model_name) -%}
    {%- set code = (model.raw_code or '').split('segmentation(')[-1] -%}
    {%- set code = modules.re.sub("'[^']*'|\"[^\"]*\"|[{]#.*?#[}]", "", code) -%}
    {%- set found = modules.re.search('[)]\\s*(and|or)\\s+\\w+', code) -%}
    {%- if found -%}
        {%- do exceptions.raise_compiler_error(
            model_name ~ ": '" ~ found.group(1) ~ "' between two rules does not "
            ~ "combine them, Jinja would keep only one. Write all_of(...) for and, "
            ~ "any_of(...) for or."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{# The name of the model that is compiled; in a unit test that of the model tested. #}
{% macro _segmentation_model_name() -%}
    {%- set tested = model.get('tested_node_unique_id') -%}
    {%- set name = tested.split('.')[-1] if tested else model.name -%}
    {%- if not name.startswith('seg_') -%}
        {%- do exceptions.raise_compiler_error(
            name ~ " calls segmentation(); the name of such a model begins with seg_. "
            ~ "Rename the file to seg_" ~ name ~ ".sql."
        ) -%}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro %}

{# Checks the arguments of `segmentation` and returns the definition that is stored. #}
{% macro _check_segmentation(model_name, given) -%}
    {%- set place = {'model': model_name, 'segment': none, 'rule': 'segmentation'} -%}
    {%- do user_segmentation._check_unknown_arguments(
        given, place, ['segments', 'assignment', 'otherwise', 'population']
    ) -%}
    {%- if given.assignment not in ('exclusive', 'overlapping') -%}
        {%- do user_segmentation._rule_error(
            place, 'assignment', given.assignment, "'exclusive' or 'overlapping'"
        ) -%}
    {%- endif -%}
    {%- if not user_segmentation._is_list(given.segments) or not given.segments -%}
        {%- do user_segmentation._rule_error(
            place, 'segments', given.segments, 'a list of segment(...), not empty'
        ) -%}
    {%- endif -%}
    {%- set segments = [] -%}
    {%- set names = [] -%}
    {%- for item in given.segments -%}
        {%- set checked = user_segmentation._check_segment(item, names, place) -%}
        {%- do names.append(checked.name) -%}
        {%- do segments.append(checked) -%}
    {%- endfor -%}
    {%- if given.otherwise is not none -%}
        {%- if given.assignment == 'overlapping' -%}
            {%- do user_segmentation._rule_error(
                place, 'otherwise', given.otherwise,
                "none with assignment='overlapping'"
            ) -%}
        {%- endif -%}
        {%- do user_segmentation._check_segment_name(
            given.otherwise, names, place, 'otherwise'
        ) -%}
        {%- do names.append(given.otherwise) -%}
    {%- endif -%}
    {%- set population = {'rule': 'everyone'} if given.population is none
        else user_segmentation._check_rule(given.population, {
            'model': model_name, 'segment': none, 'rule': 'population',
        }) -%}
    {{ return({
        'assignment': given.assignment,
        'otherwise': given.otherwise,
        'population': population,
        'names': names,
        'segments': segments,
    }) }}
{%- endmacro %}

{% macro _check_segment(given, earlier_names, place) -%}
    {%- if given is undefined or given is not mapping
        or 'conflicts_with' not in given -%}
        {%- do user_segmentation._rule_error(
            place, 'segments', given, "a list of segment('name', rule=...)"
        ) -%}
    {%- endif -%}
    {%- set here = {'model': place.model, 'segment': given.name, 'rule': 'segment'} -%}
    {%- do user_segmentation._check_unknown_arguments(
        given, here,
        ['name', 'rule', 'description', 'owner', 'min_size', 'conflicts_with']
    ) -%}
    {%- do user_segmentation._check_segment_name(
        given.name, earlier_names, here, 'name'
    ) -%}
    {%- if given.rule is none -%}
        {%- do user_segmentation._rule_error(
            here, 'rule', none, "a rule, like performed('purchase')"
        ) -%}
    {%- endif -%}
    {%- for argument in ['description', 'owner'] if given[argument] is not none -%}
        {%- if given[argument] is not string -%}
            {%- do user_segmentation._rule_error(
                here, argument, given[argument], 'a text'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if given.min_size is not none -%}
        {%- do user_segmentation._check_whole_number(
            given.min_size, 0, 'min_size', here
        ) -%}
    {%- endif -%}
    {%- if not user_segmentation._is_list(given.conflicts_with)
        or given.conflicts_with | reject('string') | list -%}
        {%- do user_segmentation._rule_error(
            here, 'conflicts_with', given.conflicts_with,
            "a list of segments, like ['dormant'] or ['lifecycle.dormant']"
        ) -%}
    {%- endif -%}
    {{ return({
        'name': given.name,
        'rule': user_segmentation._check_rule(
            given.rule, {'model': place.model, 'segment': given.name, 'rule': none}
        ),
        'description': given.description,
        'owner': given.owner,
        'min_size': given.min_size,
        'conflicts_with': given.conflicts_with | list,
    }) }}
{%- endmacro %}

{% macro _check_segment_name(name, earlier_names, place, argument) -%}
    {%- if name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', name) -%}
        {%- do user_segmentation._rule_error(
            place, argument, name, 'a name in lower_snake_case, like loyal_shopper'
        ) -%}
    {%- elif name in earlier_names -%}
        {%- do user_segmentation._rule_error(
            place, argument, name,
            'a name that no other segment of the segmentation has'
        ) -%}
    {%- endif -%}
{%- endmacro %}
