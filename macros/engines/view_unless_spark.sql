{#
    How a model is materialized that many others read: as a view, but as a table on
    Spark, which would plan what is behind a view anew for every reader.

    Example: {{ config(materialized=view_unless_spark()) }}
#}
{% macro view_unless_spark() -%}
    {{ return('table' if target.type in ('spark', 'databricks') else 'view') }}
{%- endmacro %}
