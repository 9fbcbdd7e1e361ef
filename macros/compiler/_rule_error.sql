{#
    Stops compilation with an error on one argument of a rule, which names the model,
    the segment, the rule and the argument, what was given and what is allowed.

    Arguments: place, a dictionary with `model`, `segment` (or none) and `rule`.
#}
{% macro _rule_error(place, argument, given, allowed) -%}
    {%- do exceptions.raise_compiler_error(
        user_segmentation._place_words(place) ~ ", " ~ place.rule
        ~ "(" ~ argument ~ "=): given "
        ~ user_segmentation._shown(given) ~ "; allowed is "
        ~ user_segmentation._sentence(allowed)
    ) -%}
{%- endmacro %}

{# A full stop behind what does not end with a question. #}
{% macro _sentence(text) -%}
    {{ return(text if text.endswith('?') else text ~ '.') }}
{%- endmacro %}

{# Where a rule stands: the model and, inside of one, the segment. #}
{% macro _place_words(place) -%}
    {%- set segment = ", segment '" ~ place.segment ~ "'" if place.segment else '' -%}
    {{ return(place.model ~ segment) }}
{%- endmacro %}

{# A value as it was given, for an error: as JSON where it can be. #}
{% macro _shown(value) -%}
    {%- if value is undefined -%}
        {{ return('something undefined') }}
    {%- elif value is none or value is string or value is number or value is boolean -%}
        {{ return(tojson(value)) }}
    {%- elif value is not mapping and value is not sequence -%}
        {{ return(value | string) }}
    {%- endif -%}
    {#- Item by item: JSON has no word for something undefined inside. -#}
    {%- set items = [] -%}
    {%- for item in value -%}
        {%- do items.append(
            tojson(item) ~ ': ' ~ user_segmentation._shown(value[item])
            if value is mapping else user_segmentation._shown(item)
        ) -%}
    {%- endfor -%}
    {%- set shown = items | join(', ') -%}
    {{ return('{' ~ shown ~ '}' if value is mapping else '[' ~ shown ~ ']') }}
{%- endmacro %}

{#
    `. Did you mean '...'?` with the candidate that shares most pairs of letters with a
    name, at least half of them, or nothing where none is near.
#}
{% macro _did_you_mean(name, candidates) -%}
    {%- set best = namespace(name=none, share=0.49) -%}
    {%- for candidate in candidates if name is string -%}
        {%- set shared = [] -%}
        {%- for i in range(name | length - 1) if name[i:i + 2] in candidate -%}
            {%- do shared.append(i) -%}
        {%- endfor -%}
        {%- set longer = [name | length, candidate | length] | max - 1 -%}
        {%- if shared | length / ([longer, 1] | max) > best.share -%}
            {%- set best.name = candidate -%}
            {%- set best.share = shared | length / longer -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(". Did you mean '" ~ best.name ~ "'?" if best.name else '') }}
{%- endmacro %}

{# Arguments that a macro does not have, as given: by position, then by name. #}
{% macro _unknown_arguments(positional, named) -%}
    {%- set unknown = [] -%}
    {%- for value in positional -%}
        {%- do unknown.append('a further value without a name') -%}
    {%- endfor -%}
    {%- for name in named -%}
        {%- do unknown.append(name) -%}
    {%- endfor -%}
    {{ return(unknown) }}
{%- endmacro %}

{% macro _check_unknown_arguments(given, place, allowed) -%}
    {%- for argument in given.unknown_arguments -%}
        {%- do exceptions.raise_compiler_error(
            user_segmentation._place_words(place) ~ ", " ~ place.rule
            ~ "(): unknown argument " ~ argument ~ "; allowed are "
            ~ (allowed | join(', ') or 'none') ~ "."
        ) -%}
    {%- endfor -%}
{%- endmacro %}
