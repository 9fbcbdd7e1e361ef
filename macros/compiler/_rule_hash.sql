{#
    The hash of what makes a membership: the rule, the population, the segmentations
    that these refer to, the file of user_facts where facts are read, `time_zone` and,
    when exclusive, the rules before it. Names of segments, owners, descriptions and
    sizes are left out, so that a renamed segment is not everybody leaving.

    Arguments: definition; position, of the segment from 0, that of `otherwise` last.
#}
{% macro _rule_hash(definition, position) -%}
    {%- set first = 0 if definition.assignment == 'exclusive' else position -%}
    {%- set rules = definition.segments[first:position + 1]
        | map(attribute='rule') | list -%}
    {%- set read_rules = rules + [definition.population] -%}
    {%- set is_otherwise = position == definition.segments | length -%}
    {{ return(local_md5(tojson({
        'rules': rules,
        'is_otherwise': is_otherwise,
        'population': definition.population,
        'referred': user_segmentation._referred_definitions(read_rules),
        'facts': user_segmentation._facts_version(read_rules),
        'time_zone': var('time_zone', 'UTC'),
    }))) }}
{%- endmacro %}

{#
    The checksum of the file of user_facts if one of the rules reads a fact, else none.
    While dbt parses it is not known.
#}
{% macro _facts_version(rules) -%}
    {%- for rule in rules -%}
        {%- if execute and rule.rule in (
            'fact', 'sql', 'top_percent', 'bottom_percent',
        ) -%}
            {%- set node = graph.nodes['model.user_segmentation.user_facts'] -%}
            {{ return(node.checksum.checksum) }}
        {%- elif rule.rules -%}
            {%- set version = user_segmentation._facts_version(rule.rules) -%}
            {%- if version -%}
                {{ return(version) }}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#
    What the rules of other segmentations say that a list of rules refers to, as a list
    of their rules, populations and, in turn, what these refer to. One written by hand
    speaks by the hash of what makes it.
#}
{% macro _referred_definitions(rules) -%}
    {%- set found = [] -%}
    {%- for rule in rules -%}
        {%- if rule.rule == 'in_segment' -%}
            {%- set definition =
                user_segmentation._segmentation_definition(rule.model) -%}
            {%- if definition -%}
                {%- for segment in rule.segment -%}
                    {%- do found.append(user_segmentation._rule_hash(
                        definition, definition.names.index(segment)
                    )) -%}
                {%- endfor -%}
            {%- elif execute -%}
                {%- do found.append(
                    user_segmentation.hand_written_hash(rule.model)
                ) -%}
            {%- endif -%}
        {%- elif rule.rules -%}
            {%- do found.extend(user_segmentation._referred_definitions(rule.rules)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
