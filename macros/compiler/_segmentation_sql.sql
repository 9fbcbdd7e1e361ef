{#
    The SQL of a segmentation: aggregates over events once for all rules, one row per
    user and date with every rule as a column, then the segments.

    Arguments: model_name; definition, from _check_segmentation.
#}
{% macro _segmentation_sql(model_name, definition) %}
{%- set inputs = user_segmentation._new_inputs() -%}
{%- set population = user_segmentation._rule_predicate(
    definition.population, inputs
) -%}
{%- set predicates = {} -%}
{%- for item in definition.segments -%}
    {%- do predicates.update({
        item.name: user_segmentation._rule_predicate(item.rule, inputs)
    }) -%}
{%- endfor -%}
{%- set relations = ['user_facts'] -%}
with

user_facts as (
    select * from {{ ref('user_facts') }}
),
{%- for relation in ['int_user_event_days', 'int_user_events'] -%}
{%- set measures = inputs.measures.values()
    | selectattr('relation', 'eq', relation) | list -%}
{%- if measures -%}
{%- set name = 'event_day_measures' if relation == 'int_user_event_days'
    else 'event_measures' -%}
{%- do relations.append(name) %}

-- {{ 'What the rules ask of days with events' if name == 'event_day_measures'
    else 'What the rules ask of single events' }}, for every user and date in one pass.
{{ name }} as (
    select
        as_of_date,
        user_id,
        {%- for measure in measures %}
        -- {{ measure.words }}
        {{ measure.sql }} as {{ measure.alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(relation) }}
    {%- set limits = user_segmentation._measure_limits(measures) %}
    {%- if limits %}
    where
        {{ limits | join('\n        and ') }}
    {%- endif %}
    group by
        as_of_date,
        user_id
),
{%- endif -%}
{%- endfor -%}
{%- if inputs.traits -%}
{%- do relations.append('user_traits') %}

-- The traits that rules read, as one JSON object per user and date.
user_traits as (
    select
        as_of_date,
        user_id,
        {{ user_segmentation._traits_object(inputs.traits) }} as traits
    from {{ ref('int_traits_as_of') }}
    where
        trait_name in (
            {%- for name in inputs.traits %}
            {{ user_segmentation.text_literal(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by
        as_of_date,
        user_id
),
{%- endif -%}
{%- for referred_model in inputs.referred.values() | map(attribute='model') | unique -%}
{%- do relations.append(referred_model[4:] ~ '_segments') %}

-- Membership in segments of {{ referred_model }}.
{{ referred_model[4:] }}_segments as (
    select
        as_of_date,
        user_id,
        {%- for referred in inputs.referred.values()
            | selectattr('model', 'eq', referred_model) %}
        max(case when segment in (
            {%- for name in referred.segments -%}
            {{ user_segmentation.text_literal(name) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) then 1 else 0 end) as {{ referred.alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(referred_model) }}
    group by
        as_of_date,
        user_id
),
{%- endfor %}

candidates as (
    select
        user_facts.*
        {%- for measure in inputs.measures.values() -%}
        ,
        {{ measure.alias }}
        {%- endfor -%}
        {%- if inputs.traits -%}
        ,
        traits
        {%- endif -%}
        {%- for referred in inputs.referred.values() -%}
        ,
        {{ referred.alias }}
        {%- endfor %}
    from user_facts
    {%- for relation in relations[1:] %}
    left join {{ relation }}
        on
            user_facts.as_of_date = {{ relation }}.as_of_date
            and user_facts.user_id = {{ relation }}.user_id
    {%- endfor %}
),

-- Population: {{ user_segmentation._rule_words(definition.population) }}
rules as (
    select
        as_of_date,
        user_id,
        {%- for item in definition.segments %}
        -- {{ user_segmentation._rule_words(item.rule) }}
        {{ predicates[item.name] }} as is_{{ item.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from candidates
    {%- if population != 'true' %}
    where {{ population }}
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

{#
    What no measure of a relation needs is not read: other events when every measure
    names its events, and days before the longest window when every measure has one.
#}
{% macro _measure_limits(measures) -%}
    {%- set events = [] -%}
    {%- set windows = [] -%}
    {%- for measure in measures -%}
        {%- do events.extend(measure.events) -%}
        {%- if measure.within_days -%}
            {%- do windows.append(measure.within_days) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set limits = [user_segmentation._event_filter(events | unique | list)] -%}
    {%- if windows | length == measures | length -%}
        {%- do limits.append('days_ago < ' ~ windows | max) -%}
    {%- endif -%}
    {{ return(limits | reject('eq', 'true') | list) }}
{%- endmacro %}

{#
    A JSON object of traits: keys from the rules, values as they are stored. Nothing
    indents it from outside, which would change a literal with a line break in it.
#}
{% macro _traits_object(names) -%}
    {%- set keys -%}
case trait_name
                {%- for name in names %}
                when {{ user_segmentation.text_literal(name) }}
                    then {{ user_segmentation.text_literal(tojson(name) ~ ': ') }}
                {%- endfor %}
            end
    {%- endset -%}
    {%- set entries = dbt.listagg(dbt.concat([keys, 'trait_value']), "', '") -%}
    {{ return(dbt.concat(["'{'", entries, "'}'"])) }}
{%- endmacro %}
