{#- Everything about one user, newest date first: facts that rules read most, the segments,
    and the hash of what made each. Nobody without the variable:
    dbt show --target prod --select user_audit --vars 'audit_user_id: u000042' -#}
{%- set user_id = text_literal(var('audit_user_id', '')) -%}
with

memberships as (
    select
        as_of_date,
        segmentation,
        segment,
        rule_hash
    from {{ ref('segment_memberships') }}
    where user_id = {{ user_id }}
),

facts as (
    select
        as_of_date,
        plan,
        last_platform,
        tenure_days,
        days_since_last_active,
        days_since_last_purchase,
        purchase_count,
        revenue,
        is_anonymous
    from {{ ref('user_facts') }}
    where user_id = {{ user_id }}
)

select
    facts.as_of_date,
    memberships.segmentation,
    memberships.segment,
    definitions.rule_words,
    memberships.rule_hash,
    facts.plan,
    facts.last_platform,
    facts.tenure_days,
    facts.days_since_last_active,
    facts.days_since_last_purchase,
    facts.purchase_count,
    facts.revenue,
    facts.is_anonymous
from facts
left join memberships
    on facts.as_of_date = memberships.as_of_date
left join {{ ref('segment_definitions') }} as definitions
    on
        memberships.segmentation = definitions.segmentation
        and memberships.segment = definitions.segment
        and definitions.is_current
order by
    facts.as_of_date desc,
    memberships.segmentation asc
