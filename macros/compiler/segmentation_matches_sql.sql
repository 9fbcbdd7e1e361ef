{#
    The SQL of every rule of a segmentation for itself, one row per user, date and rule
    that holds, also where an earlier rule of an exclusive segmentation wins; none for
    one written by hand.

    Arguments: model_name, with its prefix seg_; due, SQL condition on `as_of_date`, or
    none for every date.
    Example: {{ segmentation_matches_sql('seg_lifecycle') }}
#}
{% macro segmentation_matches_sql(model_name, due=none) -%}
    {%- set definition = user_segmentation._segmentation_definition(model_name) -%}
    {%- if not definition -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(user_segmentation._segmentation_sql(
        model_name,
        dict(definition, assignment='overlapping', otherwise=none),
        due,
    )) }}
{%- endmacro %}
