{#
    Whether a part of the project differs from what the build before was made with;
    false when there was none.

    Arguments: part, see settings_hash.
    Example: {% if settings_changed('history') %}
#}
{% macro settings_changed(part) -%}
    {%- set published = user_segmentation.published_state() -%}
    {%- if not published -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set column = part ~ '_hash' -%}
    {%- set earlier = run_query(
        'select ' ~ column ~ ' from ' ~ published
        ~ ' order by build_number desc, as_of_date desc limit 1'
    ).columns[0].values() -%}
    {{ return(
        earlier | length > 0
        and earlier[0] != user_segmentation.settings_hash(part)
    ) }}
{%- endmacro %}
