{#
    What a segmentation computes before it can tell its segments, as a dictionary:
      inputs            what its rules ask for, see _new_inputs
      population        the predicate of the population
      population_ranks  ranks that the population's rule asks for, over everyone
      predicates        the predicate of each segment's rule, by name
      last_relation     the CTE that has a row per user and date with all of it
      last_filter       the predicate of the population, where that CTE has everyone

    Arguments: definition, from _check_segmentation; due, SQL condition on `as_of_date`,
    or none for every date.
#}
{% macro _segmentation_plan(definition, due=none) -%}
    {%- set inputs = user_segmentation._new_inputs() -%}
    {%- do inputs.update({'due': due}) -%}
    {%- set population_inputs = user_segmentation._ranked_among_everyone(inputs) -%}
    {%- set population = user_segmentation._rule_predicate(
        definition.population, population_inputs
    ) -%}
    {%- set predicates = {} -%}
    {%- for item in definition.segments -%}
        {%- do predicates.update({
            item.name: user_segmentation._rule_predicate(item.rule, inputs)
        }) -%}
    {%- endfor -%}
    {{ return({
        'inputs': inputs,
        'population': population,
        'population_ranks': population_inputs.ranks,
        'predicates': predicates,
        'last_relation': 'ranked_population' if inputs.ranks
            else 'ranked_candidates' if population_inputs.ranks else 'candidates',
        'last_filter': none if inputs.ranks or population == 'true' else population,
    }) }}
{%- endmacro %}

{# Refers to the models that a segmentation reads: the edges in dbt's graph. #}
{% macro _refer_to_inputs(definition) -%}
    {%- set inputs = user_segmentation._segmentation_plan(definition).inputs -%}
    {%- do ref('user_facts') -%}
    {%- for measure in inputs.measures.values() -%}
        {%- do ref(user_segmentation._measured_model(measure.is_daily)) -%}
    {%- endfor -%}
    {%- if inputs.traits -%}
        {%- do ref('int_traits_as_of') -%}
    {%- endif -%}
    {%- for name in inputs.referred.values() | map(attribute='model') | unique -%}
        {%- do ref(name) -%}
    {%- endfor -%}
{%- endmacro %}

{# The CTEs of a plan, up to and with its last relation. #}
{% macro _population_ctes(plan, definition) -%}
{{- user_segmentation._input_ctes(plan.inputs) }}
{%- if plan.population_ranks %}
{{- user_segmentation._ranked_cte(
    'ranked_candidates', 'candidates', plan.population_ranks, none, 'everyone'
) }}
{%- endif %}
{%- if plan.inputs.ranks %}
{{- user_segmentation._ranked_cte(
    'ranked_population',
    'ranked_candidates' if plan.population_ranks else 'candidates',
    plan.inputs.ranks,
    plan.population,
    user_segmentation._rule_words(definition.population),
) }}
{%- endif %}
{%- endmacro %}

{# The CTEs that end with `candidates`: a row per user and date with all inputs. #}
{% macro _input_ctes(inputs, ahead=none) -%}
{%- set relations = ['held_ranks'] if ahead and ahead.held_columns else [] -%}
user_facts as (
    {{ user_segmentation._facts_sql(ahead, inputs.due) }}
),
{{- user_segmentation._measure_ctes(inputs, relations, ahead) }}
{{- user_segmentation._profile_ctes(inputs, relations, ahead) }}
{{- user_segmentation._candidates_cte(inputs, relations, ahead) }}
{%- endmacro %}

{#
    What the rules ask of events: of days with events a CTE for each list of events, of
    single events one CTE. Days of other events cost nothing that way; in one pass over
    all of them every aggregate is worked out for every day.
#}
{% macro _measure_ctes(inputs, relations, ahead) -%}
{%- for name in inputs.measures.values() | map(attribute='cte') | unique -%}
{%- set measures = inputs.measures.values() | selectattr('cte', 'eq', name) | list -%}
{%- set is_daily = measures[0].is_daily -%}
{%- set limits = user_segmentation._measure_limits(measures, inputs.due) -%}
{%- set columns = [] if is_daily else inputs.event_columns -%}
{%- set events_relation = user_segmentation._events_relation(
    user_segmentation._measured_model(is_daily), ahead
) ~ ' as events' -%}
{%- do relations.append(name) %}
{%- for level in columns %}

-- {{ 'Every event with what the rules ask of those before and after it.'
    if loop.first else 'The same, one step further.' }}
events_{{ loop.index }} as (
    select
        events.*,
        {%- for column in level.values() %}
        -- {{ column.words }}
        {{ column.sql }} as {{ column.alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ events_relation if loop.first else 'events_' ~ loop.index0 ~ ' as events' }}
    {%- if loop.first and limits %}
    where
        {{ limits | join('\n        and ') }}
    {%- endif %}
),
{%- endfor %}

-- What the rules ask of {{ 'days with '
    ~ user_segmentation._one_line(
        user_segmentation._event_names_words(measures[0].events)
    ) if is_daily else 'single events' }}.
{{ name }} as (
    select
        as_of_date,
        user_id,
        {%- for measure in measures %}
        -- {{ measure.words }}
        {{ measure.sql }} as {{ measure.alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ 'events_' ~ columns | length if columns else events_relation }}
    {%- if limits and not columns %}
    where
        {{ limits | join('\n        and ') }}
    {%- endif %}
    group by
        as_of_date,
        user_id
),
{%- endfor -%}
{%- endmacro %}

{# The model with the events that a measure is over. #}
{% macro _measured_model(is_daily) -%}
    {{ return('int_user_event_days' if is_daily else 'int_user_events') }}
{%- endmacro %}

{#
    What no measure of a relation needs is not read: other events when every measure
    names its events, and days before the longest window when every measure has one.
#}
{% macro _measure_limits(measures, due) -%}
    {%- set events = [] -%}
    {%- set windows = [] -%}
    {%- for measure in measures -%}
        {%- do events.extend(measure.events) -%}
        {%- if measure.within_days -%}
            {%- do windows.append(measure.within_days) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set limits = [
        due or 'true', user_segmentation._event_filter(events | unique | list)
    ] -%}
    {%- if windows | length == measures | length -%}
        {%- do limits.append('days_ago < ' ~ windows | max) -%}
    {%- endif -%}
    {{ return(limits | reject('eq', 'true') | list) }}
{%- endmacro %}

{# Traits, and memberships in other segmentations. #}
{% macro _profile_ctes(inputs, relations, ahead) -%}
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
        {%- if inputs.due %}
        and {{ inputs.due }}
        {%- endif %}
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
        {%- if ahead %}
        {{ user_segmentation.text_list('segment', "', '", 'segment') }}
            as {{ referred_model[4:] }}_names,
        {%- endif %}
        {%- for referred in inputs.referred.values()
            | selectattr('model', 'eq', referred_model) %}
        max(case when segment in (
            {%- for name in referred.segments -%}
            {{ user_segmentation.text_literal(name) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) then 1 else 0 end) as {{ referred.alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(referred_model) }}
    {%- if inputs.due %}
    where {{ inputs.due }}
    {%- endif %}
    group by
        as_of_date,
        user_id
),
{%- endfor %}
{%- endmacro %}

{# A row per user and date with all that the rules ask for. #}
{% macro _candidates_cte(inputs, relations, ahead=none) %}
{%- set held_columns = ahead.held_columns if ahead else [] %}

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
        {%- endfor -%}
        {%- if ahead -%}
        {%- for model in inputs.referred.values() | map(attribute='model') | unique -%}
        ,
        {{ model[4:] }}_names
        {%- endfor -%}
        {%- endif -%}
        {%- for column in held_columns -%}
        ,
        {{ column }}
        {%- endfor %}
    from user_facts
    {%- for relation in relations %}
    {#- Profiles and other segmentations are known on the snapshot date alone. -#}
    {%- set is_known_ahead = relation in inputs.measures.values()
        | map(attribute='cte') | list %}
    {%- set date = 'snapshot_date' if ahead and not is_known_ahead else 'as_of_date' %}
    left join {{ relation }}
        on
            user_facts.{{ date }} = {{ relation }}.as_of_date
            and user_facts.user_id = {{ relation }}.user_id
    {%- endfor %}
),
{%- endmacro %}

{# How many users have the same or a better value, ties together. #}
{% macro _ranked_cte(name, relation, ranks, filter, population_words) %}

-- Ranks within: {{ population_words }}
{{ name }} as (
    select
        {{ relation }}.*,
        {%- for rank in ranks.values() %}
        -- {{ rank.words }}
        {{ rank.same_sql }} as {{ rank.same }},
        {{ rank.all_sql }} as {{ rank.all }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- if filter not in (none, 'true') %}
    where {{ filter }}
    {%- endif %}
),
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
    {%- set entries = user_segmentation.text_list(
        dbt.concat([keys, 'trait_value']), "', '", 'trait_name'
    ) -%}
    {{ return(dbt.concat(["'{'", entries, "'}'"])) }}
{%- endmacro %}
