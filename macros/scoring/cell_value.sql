{#
    A text as part of the name of a cell, for folded_cells: lower case, and an
    underscore for what means something in such a name or where names are listed. What
    is missing or empty is `(unknown)`.

    Arguments: value, SQL of a text.
    Example: {{ cell_value('users.country') }}
#}
{% macro cell_value(value) -%}
    {%- set part = namespace(sql=value) -%}
    {%- for character in [' ', '/', ',', '(', ')'] -%}
        {%- set part.sql = 'replace(' ~ part.sql ~ ", '" ~ character ~ "', '_')" -%}
    {%- endfor -%}
    coalesce(nullif(lower({{ part.sql }}), ''), '(unknown)')
{%- endmacro %}
