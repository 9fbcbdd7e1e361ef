{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'affected_dates'},
) }}
-- depends_on: {{ ref('int_due_snapshots') }}
-- depends_on: {{ ref('int_user_identities') }}
-- depends_on: {{ ref('stg_event_deliveries') }}
-- depends_on: {{ ref('stg_user_deliveries') }}
-- depends_on: {{ ref('int_affected_dates') }}
-- depends_on: {{ ref('segmentation_hashes') }}
{%- set published = published_state() %}
{%- set changed = changed_rules() %}

with

-- A name may have been changed since the date was counted, its key was not.
sizes as (
    select
        sizes.*,
        counts.segment_key
    from {{ ref('segment_sizes') }} as sizes
    inner join {{ ref('segment_counts') }} as counts
        on
            sizes.as_of_date = counts.as_of_date
            and sizes.segmentation = counts.segmentation
            and sizes.segment = counts.segment
    where
        sizes.previous_as_of_date is not null
        and {{ only_affected_dates('sizes.as_of_date') }}
),

compared as (
    select distinct
        as_of_date,
        previous_as_of_date,
        segmentation
    from sizes
),

population as (
    select
        as_of_date,
        user_id
    from {{ ref('user_facts') }}
),

population_dates as (
    select distinct as_of_date from population
),

changed as (
    {%- for change in changed %}
    select
        cast({{ text_literal(change.as_of_date) }} as date) as as_of_date,
        {{ text_literal(change.segmentation) }} as segmentation
    union all
    {%- endfor %}
    select
        cast(null as date) as as_of_date,
        cast(null as {{ dbt.type_string() }}) as segmentation
    where false
),

-- Also where the rules of today would have found nobody.
rebased_snapshots as (
    select compared.*
    from compared
    inner join changed
        on
            compared.as_of_date = changed.as_of_date
            and compared.segmentation = changed.segmentation
),

-- What the rules of today would have made of the date before, where they have changed.
rebased as (
    select
        rebased.as_of_date,
        rebased.user_id,
        rebased.segmentation,
        coalesce(names.segment_key, rebased.segment) as segment_key
    from {{ ref('rebased_memberships') }} as rebased
    inner join rebased_snapshots
        on
            rebased.as_of_date = rebased_snapshots.as_of_date
            and rebased.segmentation = rebased_snapshots.segmentation
    left join {{ ref('segment_names') }} as names
        on
            rebased.segmentation = names.segmentation
            and rebased.segment = names.segment
            and rebased.rule_hash = names.rule_hash
),

rule_changes as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        sum(member_change) as member_change
    from (
        select
            rebased.*,
            1 as member_change
        from rebased
        union all
        select
            rebased_snapshots.as_of_date,
            statements.user_id,
            statements.segmentation,
            statements.segment_key,
            -1 as member_change
        from {{ ref('segment_statements') }} as statements
        inner join rebased_snapshots
            on
                statements.as_of_date = rebased_snapshots.previous_as_of_date
                and statements.segmentation = rebased_snapshots.segmentation
    ) as both_rules
    group by
        as_of_date,
        user_id,
        segmentation,
        segment_key
),

every_change as (
    select
        changes.as_of_date,
        changes.user_id,
        changes.segmentation,
        changes.segment_key,
        case when changes.change = 'entered' then 1 else -1 end as member_change
    from {{ ref('segment_membership_changes') }} as changes
    inner join compared
        on
            changes.as_of_date = compared.as_of_date
            and changes.segmentation = compared.segmentation
),

-- What is left of a change when the effect of the rule is taken off.
other_changes as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        sum(member_change) as member_change
    from (
        select * from every_change
        union all
        select
            as_of_date,
            user_id,
            segmentation,
            segment_key,
            -member_change as member_change
        from rule_changes
    ) as what_is_left
    group by
        as_of_date,
        user_id,
        segmentation,
        segment_key
    having sum(member_change) <> 0
),

-- Rows of the date before, or of earlier days, that arrived when it was closed.
late_users as (
    {%- if published %}
    select distinct
        user_identities.as_of_date,
        user_identities.user_id
    from (
        select distinct
            compared.as_of_date,
            compared.previous_as_of_date,
            published.build_number
        from compared
        inner join {{ published }} as published
            on
                compared.previous_as_of_date = published.as_of_date
                and compared.segmentation = published.segmentation
        where
            compared.previous_as_of_date not in (
                select as_of_date from {{ ref('int_due_snapshots') }}
            )
    ) as closed
    inner join (
        select
            build_number,
            activity_date as known_date,
            case
                when user_id is not null
                    then {{ dbt.concat(["'user:'", "user_id"]) }}
                else {{ dbt.concat(["'anonymous:'", "anonymous_id"]) }}
            end as identity_id
        from {{ ref('stg_event_deliveries') }}
        where
            is_withdrawn
            or delivery_number = 1
        union all
        select
            build_number,
            {{ local_date('updated_at') }} as known_date,
            {{ dbt.concat(["'user:'", "user_id"]) }} as identity_id
        from {{ ref('stg_user_deliveries') }}
        where rejected_reason is null
    ) as deliveries
        on
            closed.build_number < deliveries.build_number
            and closed.previous_as_of_date >= deliveries.known_date
    inner join {{ ref('int_user_identities') }} as user_identities
        on
            closed.as_of_date = user_identities.as_of_date
            and deliveries.identity_id = user_identities.identity_id
    {%- else %}
    select
        cast(null as date) as as_of_date,
        cast(null as {{ dbt.type_string() }}) as user_id
    where false
    {%- endif %}
),

parts as (
    select
        as_of_date,
        user_id,
        segmentation,
        segment_key,
        member_change,
        'rule_change' as part
    from rule_changes
    union all
    select
        changes.as_of_date,
        changes.user_id,
        changes.segmentation,
        changes.segment_key,
        changes.member_change,
        case
            when
                before.user_id is null
                and population_dates.as_of_date is not null
                then 'new_users'
            when after.user_id is null then 'lost_users'
            when late_users.user_id is not null then 'late_data'
            else 'movement'
        end as part
    from other_changes as changes
    inner join compared
        on
            changes.as_of_date = compared.as_of_date
            and changes.segmentation = compared.segmentation
    left join population_dates
        on compared.previous_as_of_date = population_dates.as_of_date
    left join population as before
        on
            compared.previous_as_of_date = before.as_of_date
            and changes.user_id = before.user_id
    left join population as after
        on
            changes.as_of_date = after.as_of_date
            and changes.user_id = after.user_id
    left join late_users
        on
            changes.as_of_date = late_users.as_of_date
            and changes.user_id = late_users.user_id
),

counted as (
    select
        as_of_date,
        segmentation,
        {%- for part in [
            'rule_change', 'new_users', 'lost_users', 'late_data', 'movement',
        ] %}
        sum(case when part = '{{ part }}' then member_change else 0 end)
            as {{ part }}_count,
        {%- endfor %}
        segment_key
    from parts
    group by
        as_of_date,
        segmentation,
        segment_key
)

select
    sizes.as_of_date,
    sizes.previous_as_of_date,
    sizes.segmentation,
    sizes.segment,
    sizes.previous_user_count,
    {%- for part, name in {
        'rule_change': 'rule_change_user_count',
        'new_users': 'new_user_count',
        'lost_users': 'lost_user_count',
        'late_data': 'late_data_user_count',
        'movement': 'movement_user_count',
    }.items() %}
    cast(coalesce(counted.{{ part }}_count, 0) as bigint) as {{ name }},
    {%- endfor %}
    sizes.user_count,
    sizes.is_current,
    sizes.is_provisional
from sizes
left join counted
    on
        sizes.as_of_date = counted.as_of_date
        and sizes.segmentation = counted.segmentation
        and sizes.segment_key = counted.segment_key
