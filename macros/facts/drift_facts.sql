{#
    The facts of the variable `drift_facts`, which segment_fact_drift watches within
    each segment: a list of dictionaries with name and kind, 'number' or 'text' (which
    booleans count as). Fails when the variable is no list of such columns.

    Example: {% for fact in drift_facts() %}
#}
{% macro drift_facts() -%}
    {%- set names = var('drift_facts', []) -%}
    {%- set types = user_segmentation._column_types('user_facts') -%}
    {%- set kinds = {} -%}
    {%- for name, type in types.items() -%}
        {%- set family = user_segmentation._type_family(
            {'column': name, 'type': type}
        ) -%}
        {%- if family in ('number', 'text', 'boolean') and name != 'user_id' -%}
            {%- do kinds.update(
                {name: 'number' if family == 'number' else 'text'}
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- While dbt parses it knows no columns. -#}
    {%- set is_list = user_segmentation._is_list(names) -%}
    {%- if not is_list or not names
        or names | unique | list | length != names | length
        or (execute and names | reject('in', kinds.keys()) | list) -%}
        {%- do user_segmentation._variable_error(
            'drift_facts', names,
            "a list of different columns of user_facts, numbers, texts or booleans ("
            ~ kinds.keys() | join(', ') ~ ")"
        ) -%}
    {%- endif -%}
    {%- set facts = [] -%}
    {%- for name in names -%}
        {%- do facts.append({'name': name, 'kind': kinds.get(name, 'text')}) -%}
    {%- endfor -%}
    {{ return(facts) }}
{%- endmacro %}
