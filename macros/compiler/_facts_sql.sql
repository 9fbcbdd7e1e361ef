{#
    The relations that rules read, as they are or, for explanations, as they will be on
    the days ahead of a snapshot date if nothing new happens. The CTE days_ahead has the
    days, see segmentation_explanation.

    Arguments: due, SQL condition on `as_of_date` or none; ahead, none or a dictionary
    with
      user_ids      whose days ahead are asked
      held_columns  columns of the CTE held_ranks, which stay as on the snapshot date
#}
{% macro _facts_sql(ahead=none, due=none) -%}
    {%- if not ahead -%}
        {{ return(
            "select * from " ~ ref('user_facts') ~ ("\n    where " ~ due if due else "")
        ) }}
    {%- endif -%}
    {%- set counters = user_segmentation._day_counters() -%}
    {%- set columns = [] -%}
    {%- for name in user_segmentation._column_types('user_facts')
        if name != 'as_of_date' -%}
        {%- do columns.append(
            'known.' ~ name ~ ' + days_ahead.days_ahead as ' ~ name
            if name in counters else 'known.' ~ name
        ) -%}
    {%- endfor -%}
    {%- set ahead_columns = [
        'days_ahead.as_of_date', 'days_ahead.snapshot_date', 'days_ahead.days_ahead',
    ] -%}
    {{ return(
        "select\n        " ~ (ahead_columns + columns) | join(',\n        ')
        ~ "\n    from " ~ ref('user_facts') ~ " as known\n    "
        ~ user_segmentation._ahead_filter(ahead)
    ) }}
{%- endmacro %}

{% macro _events_relation(name, ahead=none) -%}
    {%- if not ahead -%}
        {{ return(ref(name)) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in user_segmentation._column_types(name)
        if column not in ('as_of_date', 'days_ago') -%}
        {%- do columns.append('known.' ~ column) -%}
    {%- endfor -%}
    {%- set ahead_columns = [
        'days_ahead.as_of_date',
        'known.days_ago + days_ahead.days_ahead as days_ago',
    ] -%}
    {{ return(
        "(\n        select\n            "
        ~ (ahead_columns + columns) | join(',\n            ')
        ~ "\n        from " ~ ref(name) ~ " as known\n        "
        ~ user_segmentation._ahead_filter(ahead) ~ "\n    )"
    ) }}
{%- endmacro %}

{% macro _ahead_filter(ahead) -%}
    {{ return(
        "inner join days_ahead on known.as_of_date = days_ahead.snapshot_date"
        ~ " where " ~ user_segmentation._user_filter('known', ahead.user_ids)
    ) }}
{%- endmacro %}

{% macro _user_filter(relation, user_ids) -%}
    {%- set literals = user_segmentation.text_literals(user_ids) -%}
    {{ return(relation ~ ".user_id in (" ~ literals | join(', ') ~ ")") }}
{%- endmacro %}

{#
    The columns of user_facts that grow by one with each day in which nothing happens:
    those with `counts_days: true` in the meta of their docs.
#}
{% macro _day_counters() -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.user_segmentation.user_facts'] -%}
        {%- for name, column in node.columns.items()
            if (column.meta or {}).get('counts_days') -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}

{#
    How many days ahead an answer may change by itself: the longest window of the rules,
    or a year for birthdays, whichever is more.
#}
{% macro _days_ahead_needed(rules) -%}
    {%- set counters = user_segmentation._day_counters() -%}
    {%- set needed = [366] -%}
    {%- for rule in rules -%}
        {%- set values = [
            rule.within_days,
            rule.period_days * rule.of_last if rule.rule == 'performed_regularly',
        ] -%}
        {%- if rule.operator in ('within days', 'not within days', 'in next days')
            or rule.column in counters -%}
            {%- do values.extend(
                rule.value if user_segmentation._is_list(rule.value) else [rule.value]
            ) -%}
        {%- endif -%}
        {%- do needed.extend(values | select('number') | map('int') | list) -%}
        {%- if rule.rules -%}
            {%- do needed.append(user_segmentation._days_ahead_needed(rule.rules)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return([needed | max + 1, 3660] | min) }}
{%- endmacro %}
