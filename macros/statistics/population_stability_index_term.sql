{#
    The part of one group in the population stability index: sum the terms over all
    groups. An empty share counts as 0.0001, as usual for this index, so that it stays
    finite.

    Arguments: base_share and current_share, SQL, 0 to 1, never null.
    Example: sum({{ population_stability_index_term('base.share', 'now.share') }})
#}
{% macro population_stability_index_term(base_share, current_share) -%}
    {%- set base -%} greatest({{ base_share }}, 0.0001) {%- endset -%}
    {%- set current -%} greatest({{ current_share }}, 0.0001) {%- endset -%}
    ({{ current }} - {{ base }}) * ln({{ current }} / {{ base }})
{%- endmacro %}
