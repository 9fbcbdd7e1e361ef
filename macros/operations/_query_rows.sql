{#
    The rows of a query on built tables, each a dictionary from the column's name.

    Arguments: sql.
#}
{% macro _query_rows(sql) -%}
    {%- set result = run_query(sql) -%}
    {%- set rows = [] -%}
    {%- for row in result.rows -%}
        {%- do rows.append(dict(zip(result.column_names | map('lower'), row.values())))
        -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{# The query of one snapshot date: the given one, else the current one. #}
{% macro _snapshot_date_sql(as_of_date=none) -%}
    {{ return(
        "select as_of_date from " ~ ref('int_as_of_dates') ~ " where "
        ~ ("is_current" if as_of_date is none
            else "as_of_date = cast("
                ~ user_segmentation.text_literal(as_of_date) ~ " as date)")
    ) }}
{%- endmacro %}
