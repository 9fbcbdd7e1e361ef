{#
    The part of one group in the Jensen-Shannon divergence in bits (log base 2: 0 for
    equal shares, 1 for shares without anything in common): sum the terms over all
    groups. An empty share adds nothing, so no floor is needed.

    Arguments: base_share and current_share, SQL, 0 to 1, never null.
    Example: sum({{ jensen_shannon_term('base.share', 'now.share') }})
#}
{% macro jensen_shannon_term(base_share, current_share) -%}
    {%- set middle -%} (({{ base_share }} + {{ current_share }}) / 2) {%- endset -%}
    (
        {%- for share in [base_share, current_share] %}
        case
            when {{ share }} > 0 then {{ share }} * ln({{ share }} / {{ middle }})
            else 0
        end
        {%- if not loop.last %} + {%- endif %}
        {%- endfor %}
    ) / (2 * ln(2))
{%- endmacro %}
