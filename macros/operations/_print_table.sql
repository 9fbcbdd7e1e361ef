{#
    Prints rows under headers, in columns as wide as they need, all but the first to the
    right.

    Arguments: headers, a list of texts; rows, lists of as many texts.
#}
{% macro _print_table(headers, rows) -%}
    {%- set widths = [] -%}
    {%- for header in headers -%}
        {%- set column = rows | map(attribute=loop.index0) | map('length') | list -%}
        {%- do widths.append((column + [header | length]) | max) -%}
    {%- endfor -%}
    {%- for row in [headers] + rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- set pattern = '%' ~ ('-' if loop.first) ~ widths[loop.index0] ~ 's' -%}
            {%- do cells.append(pattern | format(cell)) -%}
        {%- endfor -%}
        {%- do print('  ' ~ (cells | join('  ')).rstrip()) -%}
    {%- endfor -%}
{%- endmacro %}
