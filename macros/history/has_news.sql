{#
    SQL condition: there is something new for dates that are open, rows that this build
    read or withdrew, or a model, seed or variable that is not what it was.

    Example: where {{ has_news() }}
#}
{% macro has_news() -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set deliveries = [ref('stg_event_deliveries'), ref('stg_user_deliveries')] -%}
    {%- if user_segmentation.settings_changed('history')
        or user_segmentation.settings_changed('snapshots') -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- for relation in deliveries -%}
        {%- do conditions.append(
            'exists (select 1 from ' ~ relation ~ ' where build_number = '
            ~ user_segmentation.build_number() ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}
