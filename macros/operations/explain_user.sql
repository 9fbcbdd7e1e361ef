{#
    Prints why a user is in or out of every segment: the tree of each rule with whether
    it holds, the value that it sees and what it requires, and the date on which that
    changes if nothing new happens. For many users see segmentation_explanation.

    Arguments: user_id; segmentation, a name without seg_ or none for all that are
    switched on; as_of_date, a snapshot date or none for the current one.
    Example: dbt run-operation explain_user --args '{user_id: u000042}'
#}
{% macro explain_user(user_id, segmentation=none, as_of_date=none) -%}
    {%- set names = [segmentation] if segmentation is not none
        else var('segmentations', []) -%}
    {%- do user_segmentation._check_snapshot_date('explain_user', as_of_date) -%}
    {%- if not user_id and user_id != 0 -%}
        {%- do user_segmentation._operation_error(
            'explain_user', 'user_id', user_id, 'the id of a user'
        ) -%}
    {%- endif -%}
    {%- set user_id = user_id | string -%}
    {%- if segmentation is not none
        and segmentation not in var('segmentations', []) -%}
        {%- do user_segmentation._operation_error(
            'explain_user', 'segmentation', segmentation,
            'one that is switched on: ' ~ var('segmentations', []) | join(', ')
            ~ user_segmentation._did_you_mean(segmentation, var('segmentations', []))
        ) -%}
    {%- endif -%}
    {%- if not user_segmentation._is_known_user(user_id, as_of_date) -%}
        {%- do user_segmentation._explain_unknown_user(user_id, as_of_date) -%}
        {{ return('') }}
    {%- endif -%}
    {%- for name in names -%}
        {%- set model_name = 'seg_' ~ name -%}
        {%- if user_segmentation._segmentation_definition(model_name) -%}
            {%- set rows = user_segmentation._query_rows(
                user_segmentation.segmentation_explanation(
                    model_name, [user_id], as_of_date
                ) ~ "\norder by position"
            ) -%}
            {%- do user_segmentation._print_explanation(name, user_id, rows) -%}
        {%- else -%}
            {%- do user_segmentation._print_hand_written(name, user_id, as_of_date) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# One segmentation: whom the user belongs to, then a line per node of each rule. #}
{% macro _print_explanation(name, user_id, rows) -%}
    {%- set segments = rows
        | selectattr('node_path', 'eq', '0') | selectattr('is_true')
        | map(attribute='segment') | list -%}
    {%- do print('') -%}
    {%- do print(
        name ~ ': ' ~ user_id ~ ' on ' ~ rows[0].as_of_date ~ ' is '
        ~ ('in ' ~ segments | join(', ') if segments else 'in no segment')
    ) -%}
    {%- for row in rows -%}
        {%- set until = '' if row.flips_on_date is none
            else ('; no longer' if row.is_true else '; so')
                ~ ' from ' ~ row.flips_on_date ~ ' if nothing new happens' -%}
        {%- if row.node_path == '0' -%}
            {%- do print(
                '  ' ~ ('IN   ' if row.is_true else 'out  ') ~ row.segment ~ ': '
                ~ row.rule_words
                ~ (', but ' ~ row.observed_value ~ ' does'
                    if row.observed_value is not none else '')
                ~ until
            ) -%}
        {%- else -%}
            {%- if row.segment == '(population)' and row.node_path == '1' -%}
                {%- do print(
                    '  ' ~ ('IN   ' if row.is_true else 'out  ') ~ 'the population'
                ) -%}
            {%- endif -%}
            {%- set depth = row.depth + (row.segment == '(population)') | int -%}
            {%- do print(
                '    ' ~ '  ' * depth ~ ('yes  ' if row.is_true else 'no   ')
                ~ row.rule_words ~ user_segmentation._value_phrase(row) ~ until
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# What a node sees and needs; a group sees nothing but its parts. #}
{% macro _value_phrase(row) -%}
    {%- if row.required_value is none -%}
        {{ return('') }}
    {%- elif row.required_value in ('all of these', 'any of these', 'none of these') -%}
        {{ return(': ' ~ row.required_value) }}
    {%- endif -%}
    {%- set observed = 'nothing' if row.observed_value is none
        else row.observed_value -%}
    {{ return(': sees ' ~ observed ~ ', needs ' ~ row.required_value) }}
{%- endmacro %}

{# A segmentation written by hand has no rule to explain, only its outcome. #}
{% macro _print_hand_written(name, user_id, as_of_date) -%}
    {%- set rows = user_segmentation._query_rows(
        "select segment from " ~ ref('seg_' ~ name) ~ " as memberships where "
        ~ user_segmentation._user_filter('memberships', [user_id])
        ~ " and as_of_date in (" ~ user_segmentation._snapshot_date_sql(as_of_date)
        ~ ") order by segment"
    ) -%}
    {%- do print('') -%}
    {%- do print(
        name ~ ': ' ~ user_id ~ ' is '
        ~ ('in ' ~ rows | map(attribute='segment') | join(', ') if rows
            else 'in no segment')
        ~ '; written by hand in models/segments/seg_' ~ name
        ~ '.sql, so there is no rule to explain'
    ) -%}
{%- endmacro %}

{% macro _is_known_user(user_id, as_of_date) -%}
    {{ return(user_segmentation._query_rows(
        "select 1 as found from " ~ ref('user_facts') ~ " as facts where "
        ~ user_segmentation._user_filter('facts', [user_id]) ~ " and as_of_date in ("
        ~ user_segmentation._snapshot_date_sql(as_of_date) ~ ")"
    ) | length > 0) }}
{%- endmacro %}

{# Says what became of an id that is no user on the date. #}
{% macro _explain_unknown_user(user_id, as_of_date) -%}
    {%- set literal = user_segmentation.text_literal(user_id) -%}
    {%- set reasons = user_segmentation._query_rows(
        "select 'is left out everywhere: ' || reason as words from "
        ~ ref('int_excluded_users') ~ " where user_id = " ~ literal
        ~ " union all select"
        ~ " 'is an anonymous id of ' || user_id || '; explain that user' as words from "
        ~ ref('int_user_identities') ~ " where identity_id = "
        ~ user_segmentation.text_literal('anonymous:' ~ user_id)
        ~ " and not is_anonymous and as_of_date in ("
        ~ user_segmentation._snapshot_date_sql(as_of_date) ~ ")"
        ~ " union all select 'is known on other dates, first on '"
        ~ " || cast(min(as_of_date) as " ~ dbt.type_string() ~ ") as words from "
        ~ ref('user_facts') ~ " where user_id = " ~ literal ~ " having count(*) > 0"
    ) -%}
    {%- set date = as_of_date or 'the current date' -%}
    {%- do print('Nobody is known as ' ~ user_id ~ ' on ' ~ date ~ '.') -%}
    {%- for row in reasons -%}
        {%- do print('  ' ~ user_id ~ ' ' ~ row.words ~ '.') -%}
    {%- else -%}
        {%- do print(
            '  The id occurs in no event and no profile. Ids are compared exactly, as '
            ~ 'text.'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
