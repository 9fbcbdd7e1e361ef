{#
    Which incremental strategies dbt takes on BigQuery: its own, and those of this
    project.

    Arguments: config, from dbt.
#}
{% macro dbt_bigquery_validate_get_incremental_strategy(config) -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- if strategy in ['replace', 'delete+insert'] -%}
        {{ return(strategy) }}
    {%- endif -%}
    {{ return(dbt.dbt_bigquery_validate_get_incremental_strategy(config)) }}
{%- endmacro %}
