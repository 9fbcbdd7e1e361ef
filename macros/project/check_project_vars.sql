{#
    Fails at the start of a run when a variable has a value that it can't have, naming
    the variable, what was given and what is allowed. Returns nothing to execute.

    Example: on-run-start: "{{ check_project_vars() }}"
#}
{% macro check_project_vars() -%}
    {%- set cadence = var('snapshot_cadence', 'week') -%}
    {%- if cadence not in ('day', 'week', 'month') -%}
        {%- do user_segmentation._variable_error(
            'snapshot_cadence', cadence, "'day', 'week' or 'month'"
        ) -%}
    {%- endif -%}
    {%- for name, least in [
        ('snapshot_count', 1), ('restate_days', 0), ('session_gap_minutes', 1),
        ('affinity_half_life_days', 1), ('habit_window_days', 1),
        ('identifier_max_users', 2), ('outcome_days', 1),
        ('least_judged_user_count', 2), ('intersection_count', 1),
    ] -%}
        {%- set value = var(name, least) -%}
        {%- if value is not integer or value is boolean or value < least -%}
            {%- do user_segmentation._variable_error(
                name, value, "a whole number from " ~ least
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, usual in [
        ('control_share', 0.5), ('test_error_rate', 0.05), ('test_power', 0.8),
        ('profile_least_share', 0.01), ('drift_false_alarm_rate', 0.05),
    ] -%}
        {%- set value = var(name, usual) -%}
        {%- if value is not number or value is boolean or value <= 0 or value >= 1 -%}
            {%- do user_segmentation._variable_error(
                name, value, "a number above 0 and below 1"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, content in {
        'profile_measures': 'columns of user_facts',
        'profile_categories': 'columns of user_facts',
        'intersection_segmentations': 'names of segmentations',
    }.items() -%}
        {%- if not user_segmentation._is_list(var(name, []))
            or var(name, []) | reject('string') | list -%}
            {%- do user_segmentation._variable_error(
                name, var(name, []), "a list of " ~ content
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not var('profile_measures', []) and not var('profile_categories', []) -%}
        {%- do user_segmentation._variable_error(
            'profile_measures', [],
            "a list of columns of user_facts, not empty where profile_categories is"
        ) -%}
    {%- endif -%}
    {%- for name in [
        'as_of_date', 'load_date', 'drift_baseline_date',
        'backfill_from', 'backfill_to',
    ] -%}
        {%- set value = var(name, none) -%}
        {%- if value is not none and not user_segmentation._is_date(value) -%}
            {%- do user_segmentation._variable_error(
                name, value, "YYYY-MM-DD or null"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do user_segmentation.drift_facts() -%}
    {%- set first = var('backfill_from', none) -%}
    {%- set last = var('backfill_to', none) -%}
    {%- if (first is none) != (last is none) -%}
        {%- do user_segmentation._variable_error(
            'backfill_from' if first is none else 'backfill_to', none,
            "a date, since the other end of the range is given; or null for both"
        ) -%}
    {%- elif first is not none and first | string > last | string -%}
        {%- do user_segmentation._variable_error(
            'backfill_from', first | string,
            "a date that is not after backfill_to, " ~ last
        ) -%}
    {%- endif -%}
    {%- set missing_files = var('missing_files', 'error') -%}
    {%- if missing_files not in ('error', 'keep', 'forget') -%}
        {%- do user_segmentation._variable_error(
            'missing_files', missing_files, "'error', 'keep' or 'forget'"
        ) -%}
    {%- endif -%}
    {%- set zone = var('time_zone', 'UTC') -%}
    {%- if zone not in modules.pytz.all_timezones_set -%}
        {%- do user_segmentation._variable_error(
            'time_zone', zone,
            "a name of the IANA time zone database, like Europe/Paris"
        ) -%}
    {%- endif -%}
    {%- set texts = user_segmentation.raw_contract('users')
        | selectattr('type', 'eq', 'text') | map(attribute='name')
        | reject('in', ['user_id', 'traits']) | list -%}
    {%- set identifiers = var('identifiers', []) -%}
    {%- for name in identifiers if not user_segmentation._is_list(identifiers)
        or name is not string
        or (name not in texts + ['anonymous_id']
            and not modules.re.fullmatch('traits[.].+', name)) -%}
        {%- do user_segmentation._variable_error(
            'identifiers', identifiers,
            "a list of anonymous_id, traits.<key> and columns of text of profiles ("
            ~ texts | join(', ') ~ ")"
        ) -%}
    {%- endfor -%}
    {%- set age_band_trait = var('age_band_trait', none) -%}
    {%- if age_band_trait is not none
        and (age_band_trait is not string or not age_band_trait) -%}
        {%- do user_segmentation._variable_error(
            'age_band_trait', age_band_trait, "the name of a key of traits, or null"
        ) -%}
    {%- endif -%}
    {%- set names = var('segmentations', []) -%}
    {%- if not user_segmentation._is_list(names) or not names
        or names | reject('string') | list
        or names | unique | list | length != names | length -%}
        {%- do user_segmentation._variable_error(
            'segmentations', names,
            "a list of different names of models in models/segments without seg_"
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _variable_error(name, given, allowed) -%}
    {%- do exceptions.raise_compiler_error(
        "Variable " ~ name ~ " (dbt_project.yml or --vars): given " ~ given | tojson
        ~ "; allowed is " ~ allowed ~ "."
    ) -%}
{%- endmacro %}

{# Whether a value is a real day, written YYYY-MM-DD. #}
{% macro _is_date(value) -%}
    {%- set text = value | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = text.split('-') | map('int') -%}
    {%- if year < 1 or month < 1 or month > 12 or day < 1 -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set next_month = modules.datetime.date(year, 12, 31) if month == 12
        else modules.datetime.date(year, month + 1, 1)
            - modules.datetime.timedelta(days=1) -%}
    {{ return(day <= next_month.day) }}
{%- endmacro %}
