{#
    The SQL of a segmentation made by rules, on one snapshot date that is kept: as if
    its rules of today had held then.

    Arguments: model_name, with its prefix seg_; day, text YYYY-MM-DD.
    Example: select * from ({{ segmentation_sql_on_date('seg_rfm', '2026-06-28') }})
#}
{% macro segmentation_sql_on_date(model_name, day) -%}
    {{ return(user_segmentation._segmentation_sql(
        model_name,
        user_segmentation._segmentation_definition(model_name),
        "as_of_date = cast(" ~ user_segmentation.text_literal(day) ~ " as date)",
    )) }}
{%- endmacro %}
