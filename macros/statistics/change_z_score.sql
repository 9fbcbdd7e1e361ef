{#
    A change in standard errors: 0 where nothing changed, and where no standard error is
    known.

    Arguments: current_value and base_value, SQL; standard_error, SQL, may be null or 0.
    Example: {{ change_z_score('share', 'base_share', 'standard_error') }}
#}
{% macro change_z_score(current_value, base_value, standard_error) -%}
    case
            when {{ current_value }} = {{ base_value }} then 0
            else
                coalesce(
                    ({{ current_value }} - {{ base_value }})
                    / nullif({{ standard_error }}, 0),
                    0
                )
        end
{%- endmacro %}
