{#
    The name of the column with the aggregate that a checked `performed` rule compares.
    Adds it to `inputs.measures` unless an equal one is there: with its SQL, the
    relation that it reads (per-day events, or clean events where a property or a single
    value is needed) and what limits that relation.

    Arguments: rule, from _check_performed; inputs, see _new_inputs.
#}
{% macro _event_measure(rule, inputs) -%}
    {%- set question = {} -%}
    {%- for name in ['event', 'measure', 'of', 'within_days', 'until_days_ago', 'since',
        'until', 'where'] if name in rule -%}
        {%- do question.update({name: rule[name]}) -%}
    {%- endfor -%}
    {%- set key = question | tojson -%}
    {%- if key not in inputs.measures -%}
        {%- set is_daily = 'where' not in rule and (
            rule.measure in ('count', 'days')
            or (rule.measure == 'sum' and rule.of in ('revenue', 'quantity'))
        ) -%}
        {%- set filters = [user_segmentation._event_filter(rule.event)]
            + user_segmentation._window_filters(rule)
            + user_segmentation._where_filters(rule) -%}
        {%- set filter = filters | reject('eq', 'true') | join(' and ') or 'true' -%}
        {%- set words = user_segmentation._question_words(rule) -%}
        {%- do inputs.measures.update({key: {
            'alias': user_segmentation._slug(rule.event | join('_or_')) ~ '_'
                ~ rule.measure ~ '_' ~ (inputs.measures | length + 1),
            'relation': 'int_user_event_days' if is_daily else 'int_user_events',
            'events': rule.event,
            'within_days': rule.within_days,
            'sql': user_segmentation._measure_sql(rule, filter, is_daily),
            'words': user_segmentation._one_line(words),
        }}) -%}
    {%- endif -%}
    {{ return(inputs.measures[key].alias) }}
{%- endmacro %}

{% macro _measure_sql(rule, filter, is_daily) -%}
    {%- if rule.measure == 'count' -%}
        {%- if is_daily -%}
            {{ return("sum(case when " ~ filter ~ " then event_count else 0 end)") }}
        {%- endif -%}
        {{ return("count(case when " ~ filter ~ " then 1 end)") }}
    {%- elif rule.measure == 'days' -%}
        {{ return("count(distinct case when " ~ filter ~ " then activity_date end)") }}
    {%- elif rule.measure == 'distinct' -%}
        {{ return(
            "count(distinct case when " ~ filter ~ " then "
            ~ user_segmentation._value_as_text(user_segmentation._event_value(rule.of))
            ~ " end)"
        ) }}
    {%- endif -%}
    {%- set value = rule.of if is_daily else user_segmentation._value_as_number(
        user_segmentation._event_value(rule.of)
    ) -%}
    {{ return(
        rule.measure ~ "(case when " ~ filter ~ " then " ~ value ~ " end)"
    ) }}
{%- endmacro %}

{# The predicate for a list of event names and beginnings of names. #}
{% macro _event_filter(events) -%}
    {%- if '*' in events -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- set beginnings = [] -%}
    {%- for event in events -%}
        {%- do beginnings.append(event[:-1]) if event.endswith('*')
            else names.append(event) -%}
    {%- endfor -%}
    {%- set literals = user_segmentation.text_literals(names) -%}
    {%- set predicates = [] -%}
    {%- if names | length == 1 -%}
        {%- do predicates.append('event_name = ' ~ literals[0]) -%}
    {%- elif names -%}
        {%- do predicates.append('event_name in (' ~ literals | join(', ') ~ ')') -%}
    {%- endif -%}
    {%- for literal in user_segmentation.text_literals(beginnings) -%}
        {%- do predicates.append(
            user_segmentation.text_contains('event_name', literal, 'start')
        ) -%}
    {%- endfor -%}
    {%- set joined = predicates | join(' or ') -%}
    {{ return('(' ~ joined ~ ')' if predicates | length > 1 else joined) }}
{%- endmacro %}

{# within_days=N is D-N+1 to D; until_days_ago=M moves the end alone to D-M. #}
{% macro _window_filters(rule) -%}
    {%- set filters = [] -%}
    {%- if rule.within_days -%}
        {%- do filters.append('days_ago < ' ~ rule.within_days) -%}
    {%- endif -%}
    {%- if rule.until_days_ago -%}
        {%- do filters.append('days_ago >= ' ~ rule.until_days_ago) -%}
    {%- endif -%}
    {%- if rule.since -%}
        {%- do filters.append("activity_date >= cast('" ~ rule.since ~ "' as date)") -%}
    {%- endif -%}
    {%- if rule.until -%}
        {%- do filters.append("activity_date <= cast('" ~ rule.until ~ "' as date)") -%}
    {%- endif -%}
    {{ return(filters) }}
{%- endmacro %}

{% macro _where_filters(rule) -%}
    {%- set filters = [] -%}
    {%- for name, condition in (rule.where or {}).items() -%}
        {%- do filters.append(user_segmentation._comparison(
            user_segmentation._event_value(name), condition.operator, condition.value
        )) -%}
    {%- endfor -%}
    {{ return(filters) }}
{%- endmacro %}

{#
    Where a name in `where` or `of` is found: a column of events, else a property.
    `properties.x` reaches a property that a column hides.
#}
{% macro _event_value(name) -%}
    {%- for column in user_segmentation.raw_contract('events')
        if column.name == name and name not in ('properties', 'received_at') -%}
        {#- user_id is there the user that the event belongs to on the date. -#}
        {{ return({
            'column': 'event_user_id' if name == 'user_id' else name,
            'type': column.type,
        }) }}
    {%- endfor -%}
    {%- set property = name[11:] if name.startswith('properties.') else name -%}
    {{ return({'json': 'properties', 'name': property}) }}
{%- endmacro %}

{# A name made fit for a column: lower case letters, digits and underscores. #}
{% macro _slug(text) -%}
    {%- set slug = modules.re.sub('[^a-z0-9]+', '_', text | lower).strip('_')[:40] -%}
    {%- if not slug -%}
        {{ return('any_event' if '*' in text else 'event') }}
    {%- endif -%}
    {{ return(slug if slug[0].isalpha() else 'event_' ~ slug) }}
{%- endmacro %}
