{#
    The hash of what a part of the project is made of: its models and seeds (their
    files) and its variables. When it differs from that of the build before, more has to
    be computed than new rows ask for. Macros are not in it: after a changed macro a
    full refresh is needed.

    Arguments: part, one of
      loading    how raw rows are read; a change needs a full refresh
      history    what is kept by day and by user, computed anew as a whole
      snapshots  everything: open dates are computed again
    Example: {{ settings_hash('snapshots') }}
#}
{% macro settings_hash(part) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set loading = ['stg_event_deliveries', 'stg_user_deliveries'] -%}
    {%- set names = {
        'loading': loading,
        'history': [
            'stg_events', 'stg_users', 'stg_user_traits', 'event_catalog', 'int_events',
            'int_event_days', 'int_category_days', 'int_habit_days',
            'int_identity_days', 'int_sessions', 'int_identity_link_days',
            'int_user_profiles', 'int_user_traits',
        ],
        'snapshots': none,
    }[part] -%}
    {%- set variables = {
        'loading': ['time_zone'],
        'history': [
            'session_gap_minutes', 'category_property', 'discount_property',
        ],
        'snapshots': [
            'segmentations', 'as_of_date', 'snapshot_cadence', 'snapshot_count',
            'restate_days', 'affinity_half_life_days', 'drift_baseline_date',
            'identifiers', 'identifier_max_users', 'habit_window_days',
            'age_band_trait', 'drift_facts', 'drift_false_alarm_rate', 'outcome_days',
            'profile_measures', 'profile_categories', 'profile_least_share',
            'intersection_segmentations', 'intersection_count',
        ],
    }[part] -%}
    {%- set values = [] -%}
    {%- for node in graph.nodes.values()
        if node.package_name == 'user_segmentation'
            and node.resource_type in ('model', 'seed')
            and (names is none or node.name in names) -%}
        {%- do values.append(node.unique_id ~ ' ' ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {%- for name in variables -%}
        {%- do values.append(name ~ ' ' ~ var(name, none) | tojson) -%}
    {%- endfor -%}
    {{ return(local_md5(values | sort | join('\n'))) }}
{%- endmacro %}
