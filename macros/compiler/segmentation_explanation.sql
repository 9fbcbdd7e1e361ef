{#
    Why users are in or out of the segments of a segmentation: SQL of one row per user,
    segment and node of the segment's rule, with whether it holds on the snapshot date,
    the value that it sees, what it requires and, if nothing new happens, the date on
    which the answer changes.

    That date is found by asking the same rules on each day ahead, with the same events
    further back in time. Other facts than those that count days, ranks and other
    segmentations stay as they are.

    Arguments: model_name, with its prefix seg_; user_ids, a list of texts; as_of_date,
    a snapshot date as text or none for the current one.
    Example: {{ segmentation_explanation('seg_lifecycle', ['u000042']) }}
#}
{% macro segmentation_explanation(model_name, user_ids, as_of_date=none) %}
{#- Named here as well: while dbt parses, it does not know yet what the rules read. -#}
{%- for name in [
    'int_as_of_dates', 'user_facts', 'int_user_event_days', 'int_user_events',
    'int_traits_as_of',
] -%}
    {%- do ref(name) -%}
{%- endfor -%}
{%- for name in var('segmentations', []) -%}
    {%- do ref('seg_' ~ name) -%}
{%- endfor -%}
{%- if execute -%}
    {{ user_segmentation._explanation_sql(
        model_name,
        user_segmentation._explained_definition(model_name),
        user_ids,
        as_of_date
    ) }}
{%- endif -%}
{%- endmacro %}

{# The definition of a segmentation that has rules to explain. #}
{% macro _explained_definition(model_name) -%}
    {%- set definition = user_segmentation._segmentation_definition(model_name) -%}
    {%- if not definition -%}
        {%- set explained = [] -%}
        {%- for name in var('segmentations', [])
            if user_segmentation._segmentation_definition('seg_' ~ name) -%}
            {%- do explained.append(name) -%}
        {%- endfor -%}
        {%- do exceptions.raise_compiler_error(
            "segmentation_explanation: given '" ~ model_name[4:] ~ "'; allowed is a "
            ~ "segmentation that is switched on and made of rules: "
            ~ explained | join(', ')
            ~ user_segmentation._did_you_mean(model_name[4:], explained)
        ) -%}
    {%- endif -%}
    {{ return(definition) }}
{%- endmacro %}

{% macro _explanation_sql(model_name, definition, user_ids, as_of_date) %}
{%- set plan = user_segmentation._segmentation_plan(definition) -%}
{%- set nodes = user_segmentation._explanation_nodes(definition, plan) -%}
{%- set ranks = plan.population_ranks.values() | list
    + plan.inputs.ranks.values() | list -%}
{%- set ahead = {
    'user_ids': user_ids or [''],
    'held_columns': ranks | map(attribute='same') | list
        + ranks | map(attribute='all') | list,
} -%}
with

days_ahead as (
    select
        as_of_dates.as_of_date as snapshot_date,
        cast(
            {{ dbt.dateadd(
                'day', 'cast(numbers.generated_number as integer) - 1',
                'as_of_dates.as_of_date'
            ) }} as date
        ) as as_of_date,
        cast(numbers.generated_number as integer) - 1 as days_ahead
    from {{ ref('int_as_of_dates') }} as as_of_dates
    cross join (
        {{- dbt.generate_series(user_segmentation._days_ahead_needed(
            definition.segments | map(attribute='rule') | list + [definition.population]
        )) -}}
    ) as numbers
    where {{ 'as_of_dates.is_current' if as_of_date is none
        else "as_of_dates.as_of_date = cast("
            ~ user_segmentation.text_literal(as_of_date) ~ " as date)" }}
),
{%- if ranks %}

{{ user_segmentation._held_ranks_cte(plan, definition, ahead) }}
{%- endif %}

{{ user_segmentation._input_ctes(plan.inputs, ahead) }}

-- Every rule on the snapshot date and on each day ahead.
rules as (
    select
        candidates.*,
        {{ plan.population }} as holds_population
        {%- for item in definition.segments %},
        {{ plan.predicates[item.name] }} as holds_{{ item.name }}
        {%- endfor %}
    from candidates
),

-- Segments in order, and the nodes of each rule from the top.
nodes as (
    {%- for node in nodes %}
    select
        {{ loop.index }} as position,
        {{ node.depth }} as depth,
        {{ user_segmentation.text_literal(node.segment) }} as segment,
        {{ user_segmentation.text_literal(node.path) }} as node_path,
        {{ user_segmentation.text_literal(node.words) }} as rule_words,
        {{ user_segmentation.text_literal(node.required) if node.required
            else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as required_value
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

answers as (
    select
        rules.snapshot_date,
        rules.user_id,
        rules.days_ahead,
        nodes.position,
        case nodes.position
            {%- for node in nodes %}
            when {{ loop.index }} then {{ node.predicate }}
            {%- endfor %}
        end as is_true,
        case when rules.days_ahead = 0 then
            case nodes.position
                {%- for node in nodes if node.observed %}
                when {{ nodes.index(node) + 1 }}
                    then cast({{ node.observed }} as {{ dbt.type_string() }})
                {%- endfor %}
                else cast(null as {{ dbt.type_string() }})
            end
        end as observed_value
    from rules
    cross join nodes
),

-- The first day of either answer: that of today's is 0.
first_days as (
    select
        snapshot_date,
        user_id,
        position,
        max(observed_value) as observed_value,
        min(case when is_true then days_ahead end) as first_true_day,
        min(case when not is_true then days_ahead end) as first_false_day
    from answers
    group by
        snapshot_date,
        user_id,
        position
)

select
    first_days.snapshot_date as as_of_date,
    first_days.user_id,
    {{ user_segmentation.text_literal(model_name[4:]) }} as segmentation,
    nodes.segment,
    nodes.node_path,
    nodes.rule_words,
    first_days.observed_value,
    nodes.required_value,
    nodes.position,
    nodes.depth,
    coalesce(first_days.first_true_day = 0, false) as is_true,
    cast(
        {{ dbt.dateadd(
            'day', 'first_days.first_true_day + first_days.first_false_day',
            'first_days.snapshot_date'
        ) }} as date
    ) as flips_on_date
from first_days
inner join nodes
    on first_days.position = nodes.position
{%- endmacro %}

{# Ranks compare with everybody, so they are taken from the snapshot date. #}
{% macro _held_ranks_cte(plan, definition, ahead) -%}
{%- set relation = 'ranked_candidates' if plan.population_ranks
    else 'ranked_population' -%}
-- Ranks on the snapshot date, among everybody who is ranked.
held_ranks as (
    with

    {{ user_segmentation._population_ctes(plan, definition) }}

    held as (
        select
            {{ relation }}.as_of_date,
            {{ relation }}.user_id
            {%- for rank in plan.population_ranks.values() %},
            {{ relation }}.{{ rank.same }},
            {{ relation }}.{{ rank.all }}
            {%- endfor %}
            {%- for rank in plan.inputs.ranks.values() %},
            ranked_population.{{ rank.same }},
            ranked_population.{{ rank.all }}
            {%- endfor %}
        from {{ relation }}
        {%- if plan.population_ranks and plan.inputs.ranks %}
        left join ranked_population
            on
                ranked_candidates.as_of_date = ranked_population.as_of_date
                and ranked_candidates.user_id = ranked_population.user_id
        {%- endif %}
        where {{ user_segmentation._user_filter(relation, ahead.user_ids) }}
    )

    select * from held
),
{%- endmacro %}

{#
    The nodes of an explanation, a list of dictionaries with segment, path, depth,
    words, predicate, observed and required: per segment the membership itself (path 0),
    then the nodes of its rule; before all the population, unless it is everyone.
#}
{% macro _explanation_nodes(definition, plan) -%}
    {%- set nodes = [] -%}
    {%- if definition.population.rule != 'everyone' -%}
        {%- do nodes.extend(user_segmentation._rule_nodes(
            definition.population, '(population)', '1', 0,
            user_segmentation._ranked_among_everyone(plan.inputs)
        )) -%}
    {%- endif -%}
    {%- set earlier = [] -%}
    {%- for name in definition.names -%}
        {%- set is_otherwise = name == definition.otherwise -%}
        {%- set conditions = ['holds_population'] -%}
        {%- if not is_otherwise -%}
            {%- do conditions.append('holds_' ~ name) -%}
        {%- endif -%}
        {%- if earlier and definition.assignment == 'exclusive' -%}
            {%- do conditions.append(
                'not (holds_' ~ earlier | join(' or holds_') ~ ')'
            ) -%}
        {%- endif -%}
        {%- do nodes.append({
            'segment': name,
            'path': '0',
            'depth': 0,
            'words': 'none of the rules before holds' if is_otherwise
                else 'the rule holds and none of those before'
                if definition.assignment == 'exclusive' and earlier
                else 'the rule holds',
            'predicate': conditions | join(' and '),
            'observed': user_segmentation._earlier_segment_sql(earlier)
                if definition.assignment == 'exclusive' else none,
            'required': none,
        }) -%}
        {%- if not is_otherwise -%}
            {%- do earlier.append(name) -%}
            {%- do nodes.extend(user_segmentation._rule_nodes(
                definition.segments[loop.index0].rule, name, '1', 1, plan.inputs
            )) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(nodes) }}
{%- endmacro %}

{# The segment before one that has the user already; none for the first. #}
{% macro _earlier_segment_sql(earlier) -%}
    {%- if not earlier -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set cases = [] -%}
    {%- for name in earlier -%}
        {%- do cases.append("when holds_" ~ name ~ " then '" ~ name ~ "'") -%}
    {%- endfor -%}
    {{ return("case " ~ cases | join(' ') ~ " end") }}
{%- endmacro %}

{# A rule and all that it is made of, from the top. #}
{% macro _rule_nodes(rule, segment, path, depth, inputs) -%}
    {%- set parts = rule.rules or [] -%}
    {%- if parts -%}
        {%- set test = {
            'predicate': user_segmentation._rule_predicate(rule, inputs),
            'observed': none,
            'required': {
                'all_of': 'all of these', 'any_of': 'any of these',
                'none_of': 'none of these',
            }[rule.rule],
        } -%}
    {%- else -%}
        {%- set test = user_segmentation._rule_test(rule, inputs) -%}
    {%- endif -%}
    {%- set nodes = [{
        'segment': segment,
        'path': path,
        'depth': depth,
        'words': user_segmentation._rule_words(rule),
        'predicate': test.predicate,
        'observed': test.observed,
        'required': test.required,
    }] -%}
    {%- for part in parts -%}
        {%- do nodes.extend(user_segmentation._rule_nodes(
            part, segment, path ~ '.' ~ loop.index, depth + 1, inputs
        )) -%}
    {%- endfor -%}
    {{ return(nodes) }}
{%- endmacro %}
