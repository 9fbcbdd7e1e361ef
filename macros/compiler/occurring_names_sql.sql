{#
    SQL for those of the given properties or traits that at least one event or profile
    has: one row per name, column `name`. Reads the relation once for all of them.

    Arguments: relation; expression, its column with a readable JSON object or null;
    names, a list of texts.
    Example: {{ occurring_names_sql(ref('int_events'), 'properties', ['category']) }}
#}
{% macro occurring_names_sql(relation, expression, names) -%}
    {%- if not names -%}
    select cast(null as {{ dbt.type_string() }}) as name
    where false
    {%- else -%}
    select names.name
    from (
        select
            {%- for name in names %}
            max(
                case
                    when {{ json_text(expression, name) }} <> 'null' then 1
                    else 0
                end
            ) as has_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    ) as occurrences
    cross join (
        {%- for name in names %}
        select
            {{ loop.index }} as position,
            {{ text_literal(name) }} as name
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as names
    where
        case names.position
            {%- for name in names %}
            when {{ loop.index }} then occurrences.has_{{ loop.index }}
            {%- endfor %}
        end = 1
    {%- endif -%}
{%- endmacro %}
