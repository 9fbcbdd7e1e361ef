{{ config(materialized='view') }}
{%- set identifiers = var('identifiers', []) %}
-- depends_on: {{ ref('int_identity_link_days') }}
-- depends_on: {{ ref('int_user_profiles') }}
-- depends_on: {{ ref('int_user_traits') }}

-- What the variable `identifiers` names, from the day on which each user had it first.
-- Case and blanks around a value do not tell people apart.
with

given as (
    select
        cast(null as {{ dbt.type_string() }}) as identifier,
        cast(null as {{ dbt.type_string() }}) as value,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as date) as first_seen_date
    where false
    {%- for name in identifiers %}
    union all
    {%- if name == 'anonymous_id' %}
    select
        'anonymous_id' as identifier,
        anonymous_id as value,
        user_id,
        activity_date as first_seen_date
    from {{ ref('int_identity_link_days') }}
    {%- elif name.startswith('traits.') %}
    select
        {{ text_literal(name) }} as identifier,
        {{ json_scalar(
            dbt.concat(["'{\"value\": '", "trait_value", "'}'"]), 'value'
        ) }} as value,
        user_id,
        valid_from_date as first_seen_date
    from {{ ref('int_user_traits') }}
    where trait_name = {{ text_literal(name[7:]) }}
    {%- else %}
    select
        {{ text_literal(name) }} as identifier,
        {{ name }} as value,
        user_id,
        valid_from_date as first_seen_date
    from {{ ref('int_user_profiles') }}
    {%- endif %}
    {%- endfor %}
)

select
    identifier,
    lower(trim(value)) as value,
    user_id,
    min(first_seen_date) as first_seen_date
from given
where trim(value) <> ''
group by
    identifier,
    lower(trim(value)),
    user_id
