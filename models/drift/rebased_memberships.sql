{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'affected_dates'},
) }}
{#- Only where a rule has changed: dates and rules are looked up when the model
    runs. -#}
-- depends_on: {{ ref('user_facts') }}
-- depends_on: {{ ref('int_user_event_days') }}
-- depends_on: {{ ref('int_user_events') }}
-- depends_on: {{ ref('int_traits_as_of') }}
-- depends_on: {{ ref('int_affected_dates') }}
-- depends_on: {{ ref('int_as_of_dates') }}
-- depends_on: {{ ref('int_due_snapshots') }}
-- depends_on: {{ ref('segmentation_hashes') }}
{%- for name in var('segmentations', []) %}
-- depends_on: {{ ref('seg_' ~ name) }}
{%- endfor %}
{%- set changed = changed_rules() %}

select
    cast(null as date) as as_of_date,
    cast(null as {{ dbt.type_string() }}) as user_id,
    cast(null as {{ dbt.type_string() }}) as segmentation,
    cast(null as {{ dbt.type_string() }}) as segment,
    cast(null as {{ dbt.type_string() }}) as rule_hash,
    true as is_provisional,
    cast(null as date) as previous_as_of_date
where false
{%- for change in changed %}
union all
select
    cast({{ text_literal(change.as_of_date) }} as date) as as_of_date,
    user_id,
    segmentation,
    segment,
    rule_hash,
    {{ change.is_provisional | lower }} as is_provisional,
    as_of_date as previous_as_of_date
from (
    {{ segmentation_sql_on_date(
        'seg_' ~ change.segmentation, change.previous_as_of_date
    ) }}
) as rebased
{%- endfor %}
