{#
    What dbt does on Spark after it has made a table with a contract: alter its columns,
    which only tables of Delta let it do. get_select_subquery keeps null from others.

    Arguments: relation, model, from dbt.
#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- if config.get('file_format') == 'delta' -%}
        {%- do dbt.spark__persist_constraints(relation, model) -%}
    {%- endif -%}
{%- endmacro %}

{% macro databricks__persist_constraints(relation, model) -%}
    {%- do dbt.databricks__persist_constraints(relation, model) -%}
{%- endmacro %}
