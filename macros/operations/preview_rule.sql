{#
    Prints what a rule would do before anything is built: how many users it matches on
    the current date and on the snapshots before, and with which existing segments it
    shares users. Warns of events, properties and traits that never occur, with the
    nearest name that does.

    Arguments: rule and population (or none), as they would stand in a model, as text.
    Example: dbt run-operation preview_rule --args '{rule: "performed(''login'')"}'
#}
{% macro preview_rule(rule, population=none) -%}
    {%- do user_segmentation._check_snapshot_date('preview_rule', none) -%}
    {%- set definition = user_segmentation._check_segmentation('preview_rule', {
        'assignment': 'overlapping',
        'otherwise': none,
        'population': user_segmentation._read_rule('population', population),
        'segments': [user_segmentation.segment(
            'preview', rule=user_segmentation._read_rule('rule', rule)
        )],
    }) -%}
    {%- set checked = definition.segments[0].rule -%}
    {%- do user_segmentation._warn_of_unknown_names(
        user_segmentation._rule_names(checked)
        + user_segmentation._rule_names(definition.population)
    ) -%}
    {%- set memberships =
        user_segmentation._segmentation_sql('seg_preview', definition) -%}
    {%- do print('') -%}
    {%- do print('The rule: ' ~ user_segmentation._rule_words(checked)) -%}
    {%- if definition.population.rule != 'everyone' -%}
        {%- do print(
            'Among: ' ~ user_segmentation._rule_words(definition.population)
        ) -%}
    {%- endif -%}
    {%- do user_segmentation._print_preview_sizes(memberships) -%}
    {%- do user_segmentation._print_preview_overlaps(memberships) -%}
{%- endmacro %}

{#
    A rule that is given as the text that would stand in a model. It is rendered, as
    that model would be, and comes back as data.
#}
{% macro _read_rule(argument, text) -%}
    {%- if text is none -%}
        {{ return(none) }}
    {%- elif text is not string or not text.strip() -%}
        {%- do user_segmentation._operation_error(
            'preview_rule', argument, text,
            "a rule as text, like \"performed('purchase', within_days=30)\""
        ) -%}
    {%- elif not modules.re.match('[a-z_]+ *[(]', text.strip()) -%}
        {#- An SQL predicate. -#}
        {{ return(text) }}
    {%- endif -%}
    {{ return(fromjson(render('{{ tojson(' ~ text ~ ') }}'))) }}
{%- endmacro %}

{% macro _print_preview_sizes(memberships) -%}
    {%- set rows = user_segmentation._query_rows(
        "select cast(facts.as_of_date as " ~ dbt.type_string() ~ ") as as_of_date,"
        ~ " count(members.user_id) as user_count,"
        ~ " count(*) as population_user_count"
        ~ " from " ~ ref('user_facts') ~ " as facts left join (" ~ memberships
        ~ ") as members on facts.as_of_date = members.as_of_date"
        ~ " and facts.user_id = members.user_id"
        ~ " group by facts.as_of_date order by facts.as_of_date desc"
    ) -%}
    {%- set sizes = [] -%}
    {%- for row in rows -%}
        {%- do sizes.append([
            row.as_of_date, '{:,}'.format(row.user_count | int),
            '%.1f %%' | format(100 * row.user_count / row.population_user_count),
        ]) -%}
    {%- endfor -%}
    {%- do print(
        'On ' ~ sizes[0][0] ~ ': ' ~ sizes[0][1] ~ ' of '
        ~ '{:,}'.format(rows[0].population_user_count | int) ~ ' users, ' ~ sizes[0][2]
    ) -%}
    {%- do print('') -%}
    {%- do print('Size on the snapshot dates') -%}
    {%- do user_segmentation._print_table(['as of', 'users', 'share'], sizes) -%}
{%- endmacro %}

{% macro _print_preview_overlaps(memberships) -%}
    {%- set existing = ref('segment_memberships') -%}
    {%- if adapter.get_relation(
        existing.database, existing.schema, existing.identifier
    ) is none -%}
        {{ return('') }}
    {%- endif -%}
    {%- set current = user_segmentation._snapshot_date_sql() -%}
    {%- set rows = user_segmentation._query_rows(
        "with members as (select user_id from (" ~ memberships ~ ") as previewed"
        ~ " where as_of_date in (" ~ current ~ ")),"
        ~ " existing as (select user_id, segmentation, segment from " ~ existing
        ~ " where as_of_date in (" ~ current ~ "))"
        ~ " select existing.segmentation || '.' || existing.segment as segment,"
        ~ " count(*) as user_count, count(members.user_id) as both_user_count,"
        ~ " (select count(*) from members) as member_count"
        ~ " from existing left join members on existing.user_id = members.user_id"
        ~ " group by existing.segmentation, existing.segment"
        ~ " having count(members.user_id) > 0"
        ~ " order by both_user_count desc, segment"
    ) -%}
    {%- set overlaps = [] -%}
    {%- for row in rows -%}
        {%- set both = row.both_user_count | int -%}
        {%- do overlaps.append([
            row.segment, '{:,}'.format(both),
            '%.1f %%' | format(100 * both / (row.member_count | int)),
            '%.1f %%' | format(100 * both / (row.user_count | int)),
        ]) -%}
    {%- endfor -%}
    {%- do print('') -%}
    {%- if not overlaps -%}
        {%- do print('It shares no users with an existing segment.') -%}
        {{ return('') }}
    {%- endif -%}
    {%- do print('Users shared with existing segments') -%}
    {%- do user_segmentation._print_table(
        ['segment', 'in both', 'of the rule', 'of the segment'], overlaps
    ) -%}
{%- endmacro %}

{# Warns of names that never occur, with the nearest one that does. #}
{% macro _warn_of_unknown_names(names) -%}
    {%- for kind, relation, expression in [
        ('property', ref('int_events'), 'properties'),
        ('trait', ref('stg_user_deliveries'), 'traits'),
    ] -%}
        {%- set given = names | selectattr(0, 'eq', kind) | map(attribute=1)
            | unique | list -%}
        {%- set occurring = user_segmentation._query_rows(
            user_segmentation.occurring_names_sql(relation, expression, given)
        ) | map(attribute='name') | list if given else [] -%}
        {%- set unknown = given | reject('in', occurring) | list -%}
        {%- if unknown -%}
            {%- set known = user_segmentation._query_rows(
                "select distinct entry_name from ("
                ~ user_segmentation.json_entries(relation, expression, ['1 as one'])
                ~ ") as entries order by entry_name"
            ) | map(attribute='entry_name') | list -%}
            {%- for name in unknown -%}
                {%- do user_segmentation._warn_of_unknown_name(kind, name, known) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set known = user_segmentation._query_rows(
        "select distinct event_name from " ~ ref('int_event_days') ~ " order by 1"
    ) | map(attribute='event_name') | list -%}
    {%- for _, name in names | selectattr(0, 'eq', 'event') | unique
        if name not in known -%}
        {%- set beginning = name[:-1] -%}
        {%- set matching = [] -%}
        {%- for event in known
            if name.endswith('*') and event.startswith(beginning) -%}
            {%- do matching.append(event) -%}
        {%- endfor -%}
        {%- if not matching -%}
            {%- do user_segmentation._warn_of_unknown_name('event', name, known) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _warn_of_unknown_name(kind, name, known) -%}
    {%- do exceptions.warn(
        "preview_rule: the " ~ kind ~ " '" ~ name ~ "' never occurs in the data"
        ~ user_segmentation._sentence(user_segmentation._did_you_mean(name, known))
    ) -%}
{%- endmacro %}
