{#
    SQL for the number of the build that is under way: one more than that of the last
    build that was published. It stays the same until a build is done, so that what a
    killed build wrote is known as its own by the build that does it again.

    Example: {{ build_number() }} as build_number
#}
{% macro build_number() -%}
    {%- set published = user_segmentation.published_state() -%}
    {%- if not published -%}
        {{ return('1') }}
    {%- endif -%}
    {{ return(
        '(select coalesce(max(build_number), 0) + 1 from ' ~ published ~ ')'
    ) }}
{%- endmacro %}
