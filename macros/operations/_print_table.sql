{#
    Prints rows under headers, in columns as wide as they need, numbers to the right.

    Arguments: headers, a list of texts; rows, lists of as many texts or numbers.
#}
{% macro _print_table(headers, rows) -%}
    {%- set widths = [] -%}
    {%- for header in headers -%}
        {%- set column = rows | map(attribute=loop.index0) | map('string')
            | map('length') | list -%}
        {%- do widths.append((column + [header | length]) | max) -%}
    {%- endfor -%}
    {%- for row in [headers] + rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- set pattern = '%' ~ ('' if cell is number else '-')
                ~ widths[loop.index0] ~ 's' -%}
            {%- do cells.append(pattern | format(cell)) -%}
        {%- endfor -%}
        {%- do print('  ' ~ (cells | join('  ')).rstrip()) -%}
    {%- endfor -%}
{%- endmacro %}
