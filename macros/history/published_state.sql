{#
    The relation of published_snapshots as the build before left it, or none before the
    first build is done. A build begins from what was published last, so that one that
    was killed is simply done again.

    Example: {% set published = published_state() %}
#}
{% macro published_state() -%}
    {{ return(user_segmentation.earlier_state('published_snapshots')) }}
{%- endmacro %}
