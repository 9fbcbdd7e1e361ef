{#
    A whole row as one value, to be kept in a column until row_as_json reads it.

    Arguments: relation, the alias of a relation in the from clause.
    Example: select {{ row_record("raw_events") }} as raw_record from raw_events
#}
{% macro row_record(relation) -%}
    {{ return(adapter.dispatch('row_record', 'user_segmentation')(relation)) }}
{%- endmacro %}

{% macro default__row_record(relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro spark__row_record(relation) -%}
    {{ return("struct(" ~ relation ~ ".*)") }}
{%- endmacro %}
