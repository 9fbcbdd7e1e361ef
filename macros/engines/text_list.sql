{#
    Aggregate: texts joined to one, in an order. dbt's own listagg takes any order on
    Spark.

    Arguments: text, separator and order_by, SQL.
    Example: {{ text_list('segment', "', '", 'segment') }} as segments
#}
{% macro text_list(text, separator, order_by) -%}
    {{ return(adapter.dispatch('text_list', 'user_segmentation')(
        text, separator, order_by
    )) }}
{%- endmacro %}

{% macro default__text_list(text, separator, order_by) -%}
    {{ return(dbt.listagg(text, separator, 'order by ' ~ order_by)) }}
{%- endmacro %}

{% macro spark__text_list(text, separator, order_by) -%}
    {{ return(dbt.default__listagg(text, separator, 'order by ' ~ order_by)) }}
{%- endmacro %}
