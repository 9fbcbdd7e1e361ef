{#
    SQL condition with which a model of profiles reads no more than it has to compute:
    users with new, changed or removed profiles. At first, and in a full refresh, all.

    Arguments: column, SQL of the user.
    Example: where {{ only_touched_users() }}
#}
{% macro only_touched_users(column='user_id') -%}
    {%- if user_segmentation.is_unit_test() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set touched_users = ref('int_touched_users') -%}
    {%- if not user_segmentation.is_increment() -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(column ~ ' in (select user_id from ' ~ touched_users ~ ')') }}
{%- endmacro %}
