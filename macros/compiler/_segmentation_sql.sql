{#
    The SQL of a segmentation: aggregates over events once for all rules, one row per
    user and date with every rule as a column, then the segments.

    Arguments: model_name; definition, from _check_segmentation; due, SQL condition on
    `as_of_date`, or none for every date.
#}
{% macro _segmentation_sql(model_name, definition, due=none) %}
{%- set plan = user_segmentation._segmentation_plan(definition, due) -%}
with

{{ user_segmentation._population_ctes(plan, definition) }}

-- Population: {{ user_segmentation._rule_words(definition.population) }}
rules as (
    select
        as_of_date,
        user_id,
        {%- for item in definition.segments %}
        -- {{ user_segmentation._rule_words(item.rule) }}
        {{ plan.predicates[item.name] }} as is_{{ item.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ plan.last_relation }}
    {%- if plan.last_filter %}
    where {{ plan.last_filter }}
    {%- endif %}
),
{% if definition.assignment == 'exclusive' %}
{{ user_segmentation._first_match_sql(definition) }}
{%- else %}
{{ user_segmentation._every_match_sql(definition) }}
{%- endif %}

select
    as_of_date,
    user_id,
    {{ user_segmentation.text_literal(model_name[4:]) }} as segmentation,
    segment,
    case segment
        {%- for name in definition.names %}
        {%- set rule_hash = user_segmentation._rule_hash(definition, loop.index0) %}
        when '{{ name }}' then '{{ rule_hash }}'
        {%- endfor %}
    end as rule_hash
from memberships
where segment is not null
{%- endmacro %}

{# The first rule that holds wins, in the order written. #}
{% macro _first_match_sql(definition) -%}
memberships as (
    select
        as_of_date,
        user_id,
        case
            {%- for item in definition.segments %}
            when is_{{ item.name }} then '{{ item.name }}'
            {%- endfor %}
            {%- if definition.otherwise %}
            else '{{ definition.otherwise }}'
            {%- endif %}
        end as segment
    from rules
)
{%- endmacro %}

{#
    One row per rule that holds. A cross join with the names and one case is planned in
    a fraction of the time of a union of many selects.
#}
{% macro _every_match_sql(definition) -%}
segments as (
    {%- for item in definition.segments %}
    select '{{ item.name }}' as segment
    {%- if not loop.last %}
    union all
    {%- endif -%}
    {%- endfor %}
),

memberships as (
    select
        rules.as_of_date,
        rules.user_id,
        segments.segment
    from rules
    cross join segments
    where
        case segments.segment
            {%- for item in definition.segments %}
            when '{{ item.name }}' then rules.is_{{ item.name }}
            {%- endfor %}
        end
)
{%- endmacro %}
