{#
    SQL condition on deliveries: a build has to compute anew what is derived from them.
    Those that it read or withdrew itself or, when the models, seeds or variables that
    the derived tables come from have changed, all of them.

    Example: where {{ is_news() }}
#}
{% macro is_news() -%}
    {%- if user_segmentation.settings_changed('history') -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return('build_number = ' ~ user_segmentation.build_number()) }}
{%- endmacro %}
