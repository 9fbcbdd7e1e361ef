{#
    The select of a model with a contract, from which dbt makes its table on Spark. A
    table of Spark takes null in any column, so that the select itself fails where the
    contract says not null.

    Arguments: sql, from dbt.
#}
{% macro spark__get_select_subquery(sql) %}
    select
        {%- for name in model.columns %}
        {{ user_segmentation._contract_column(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ sql }}
    ) as contract_columns
{%- endmacro %}

{# A column of the model, kept from null where its contract says so. #}
{% macro _contract_column(name) -%}
    {%- set types = model.columns.get(name, {}).get('constraints', [])
        | map(attribute='type') | list -%}
    {%- if not model.config.contract.enforced or 'not_null' not in types -%}
        {{ return(name) }}
    {%- endif -%}
    {%- set words = 'Column ' ~ name ~ ' of ' ~ model.name
        ~ ' is null, which its contract forbids.' -%}
    {{ return(
        'coalesce(' ~ name ~ ', raise_error(' ~ user_segmentation.text_literal(words)
        ~ ')) as ' ~ name
    ) }}
{%- endmacro %}
