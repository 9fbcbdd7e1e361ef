{#
    Puts back the tables of builds that were killed while they replaced rows on Spark,
    at the start of a run. Returns nothing to execute.

    Example: on-run-start: "{{ restore_replaced_tables() }}"
#}
{% macro restore_replaced_tables() -%}
    {%- do adapter.dispatch('restore_replaced_tables', 'user_segmentation')() -%}
{%- endmacro %}

{% macro default__restore_replaced_tables() -%}
{%- endmacro %}

{% macro spark__restore_replaced_tables() -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.config.materialized == 'incremental'
                and node.package_name == 'user_segmentation' -%}
            {%- set place = api.Relation.create(
                schema=node.schema, identifier=node.alias, type='table'
            ) -%}
            {%- set old = user_segmentation._table_beside(place, 'old') -%}
            {%- if not load_relation(place) and load_relation(old) -%}
                {%- do adapter.rename_relation(old, place) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
