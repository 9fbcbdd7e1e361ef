{#
    The part of one group in the square of the Hellinger distance: sum the terms over
    all groups and take the root, which is 0 for equal shares and 1 for shares without
    anything in common. An empty share needs no floor.

    Arguments: base_share and current_share, SQL, 0 to 1, never null.
    Example: sqrt(sum({{ hellinger_term('base.share', 'now.share') }}))
#}
{% macro hellinger_term(base_share, current_share) -%}
    {%- set difference -%}
        (sqrt({{ base_share }}) - sqrt({{ current_share }}))
    {%- endset -%}
    {{ difference }} * {{ difference }} / 2
{%- endmacro %}
