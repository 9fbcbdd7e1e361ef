{#
    The name of the column with an aggregate over events that a rule asks for. Adds it
    to `inputs.measures` unless an equal one is there: equal questions of several rules
    are computed once. What days with events answer is computed for each list of events
    on its own, so that an aggregate sees the days of its events alone.

    Arguments: inputs, see _new_inputs; question, a dictionary with
      name         what is measured, for the name of the column
      sql          the aggregate over the rows of one user and date
      words        what it is, in words
      is_daily     whether days with its events answer it, or only single events do
      events       the events that it needs
      within_days  the days that it needs, or none for all
#}
{% macro _event_measure(inputs, question) -%}
    {%- set slug = user_segmentation._events_slug(question.events) -%}
    {%- set cte = user_segmentation._day_measures_cte(inputs, question.events, slug)
        if question.is_daily else 'event_measures' -%}
    {%- set key = cte ~ ' ' ~ question.sql -%}
    {%- if key not in inputs.measures -%}
        {%- do inputs.measures.update({key: {
            'alias': slug ~ '_' ~ question.name ~ '_'
                ~ (inputs.measures | length + 1),
            'cte': cte,
            'is_daily': question.is_daily,
            'events': question.events,
            'within_days': question.within_days,
            'sql': question.sql,
            'words': user_segmentation._one_line(question.words),
        }}) -%}
    {%- endif -%}
    {{ return(inputs.measures[key].alias) }}
{%- endmacro %}

{# The CTE with all measures of days with a list of events; others may have its slug. #}
{% macro _day_measures_cte(inputs, events, slug) -%}
    {%- set lists = inputs.day_measures.setdefault(slug, []) -%}
    {%- if events not in lists -%}
        {%- do lists.append(events) -%}
    {%- endif -%}
    {%- set number = lists.index(events) + 1 -%}
    {{ return(
        slug ~ '_day_measures' ~ ('_' ~ number if number > 1 else '')
    ) }}
{%- endmacro %}

{#
    The name of a column that is added to each single event by a look at the user's
    events before or after it. A column of level 2 may read those of level 1, and so on.

    Arguments: inputs; level, from 1; name, sql and words as those of a measure.
#}
{% macro _event_column(inputs, level, name, sql, words) -%}
    {%- if inputs.event_columns | length < level -%}
        {%- do inputs.event_columns.append({}) -%}
    {%- endif -%}
    {%- set columns = inputs.event_columns[level - 1] -%}
    {%- if sql not in columns -%}
        {%- set number = inputs.event_columns | map('length') | sum + 1 -%}
        {%- do columns.update({sql: {
            'alias': name ~ '_' ~ number,
            'sql': sql,
            'words': user_segmentation._one_line(words),
        }}) -%}
    {%- endif -%}
    {{ return(columns[sql].alias) }}
{%- endmacro %}

{#
    Whether single events are needed: conditions read what days with events do not keep.
#}
{% macro _is_daily(step) -%}
    {{ return(not step.where) }}
{%- endmacro %}

{#
    The predicate of the events that a checked step means, in a window or ever. Days are
    those of its events already, see _event_measure.
#}
{% macro _step_filter(step, window={}, is_daily=false) -%}
    {%- set filters = [
        'true' if is_daily else user_segmentation._event_filter(step.event)
    ] + user_segmentation._window_filters(window)
        + user_segmentation._condition_filters(step.where) -%}
    {{ return(filters | reject('eq', 'true') | join(' and ') or 'true') }}
{%- endmacro %}

{# Whether a list of event names and beginnings of names means one event. #}
{% macro _is_one_event(events) -%}
    {{ return(events | length == 1 and not events[0].endswith('*')) }}
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
{% macro _window_filters(window) -%}
    {%- set filters = [] -%}
    {%- if window.within_days -%}
        {%- do filters.append('days_ago < ' ~ window.within_days) -%}
    {%- endif -%}
    {%- if window.until_days_ago -%}
        {%- do filters.append('days_ago >= ' ~ window.until_days_ago) -%}
    {%- endif -%}
    {%- for name, operator in [('since', '>='), ('until', '<=')] if window[name] -%}
        {%- do filters.append(
            "activity_date " ~ operator ~ " cast('" ~ window[name] ~ "' as date)"
        ) -%}
    {%- endfor -%}
    {{ return(filters) }}
{%- endmacro %}

{#
    The window of a user's events in order or, for a gap of 0 days, of those on the same
    local date. Else days that are counted tell what is near: where clocks go back over
    midnight a later event may be on the day before, which is no more than 1 day apart.
#}
{% macro _events_of_user(gap_days) -%}
    {%- set same_date = ', activity_date' if gap_days == 0 else '' -%}
    {{ return(
        "partition by as_of_date, user_id" ~ same_date
        ~ " order by occurred_at, event_id"
    ) }}
{%- endmacro %}

{# dbt's own, without the line breaks and blanks around it. #}
{% macro _days_between(from_date, to_date) -%}
    {{ return(dbt.datediff(from_date, to_date, 'day').strip()) }}
{%- endmacro %}

{# A predicate for each of the conditions of `where` or `having`. #}
{% macro _condition_filters(conditions) -%}
    {%- set filters = [] -%}
    {%- for name, condition in (conditions or {}).items() -%}
        {%- do filters.append(user_segmentation._comparison(
            user_segmentation._event_value(name), condition.operator, condition.value
        )) -%}
    {%- endfor -%}
    {{ return(filters) }}
{%- endmacro %}

{#
    Where a name in `where`, `having` or `of` is found: a column of events, else a
    property. `properties.x` reaches a property that a column hides.
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

{# Events in the name of a column: lower case letters, digits and underscores. #}
{% macro _events_slug(events) -%}
    {%- set text = events | join('_or_') | lower -%}
    {%- set slug = modules.re.sub('[^a-z0-9]+', '_', text).strip('_')[:40] -%}
    {%- if not slug -%}
        {{ return('any_event' if '*' in text else 'event') }}
    {%- endif -%}
    {{ return(slug if slug[0].isalpha() else 'event_' ~ slug) }}
{%- endmacro %}
