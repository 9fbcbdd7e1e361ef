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

{# The columns of the contract, for `raw_events` say: others have names in capitals. #}
{% macro snowflake__row_record(relation) -%}
    {%- set entries = [] -%}
    {%- for column in user_segmentation.raw_contract(relation | replace('raw_', '')) -%}
        {%- do entries.append("'" ~ column.name ~ "', " ~ relation ~ "." ~ column.name)
        -%}
    {%- endfor -%}
    {{ return("object_construct(" ~ entries | join(', ') ~ ")") }}
{%- endmacro %}
