{#- History: earlier versions are in no file any more, so a full refresh keeps them. -#}
{{ config(
    materialized='incremental',
    unique_key=['segmentation', 'segment', 'definition_version'],
    incremental_strategy='delete+insert',
    full_refresh=false,
) }}
{%- set definitions, written_by_hand = segmentation_catalog() -%}
{%- set published = published_state() -%}
{%- set columns = [
    'assignment', 'description', 'owner', 'rule_words', 'rule_json', 'rule_hash',
    'position', 'min_size', 'is_otherwise',
] -%}
with

{%- if written_by_hand %}

-- Segmentations written by hand have the segments that occur with what makes them now:
-- closed dates keep the hash of their time.
hand_made_rows as (
    {%- for item in written_by_hand %}
    select distinct
        as_of_date,
        segmentation,
        segment,
        {{ text_literal(segmentation_assignment(item.model)) }} as assignment,
        {{ membership_hash(item.model) }} as rule_hash
    from {{ item.relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

newest_rows as (
    select
        hand_made_rows.segmentation,
        max(hand_made_rows.as_of_date) as as_of_date
    from hand_made_rows
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on hand_made_rows.as_of_date = as_of_dates.as_of_date
    group by hand_made_rows.segmentation
),

hand_made_rules as (
    select distinct
        hand_made_rows.segmentation,
        hand_made_rows.rule_hash
    from hand_made_rows
    inner join newest_rows
        on
            hand_made_rows.segmentation = newest_rows.segmentation
            and hand_made_rows.as_of_date = newest_rows.as_of_date
),

occurring as (
    select distinct
        hand_made_rows.segmentation,
        hand_made_rows.segment,
        hand_made_rows.assignment,
        hand_made_rows.rule_hash
    from hand_made_rows
    inner join hand_made_rules
        on
            hand_made_rows.segmentation = hand_made_rules.segmentation
            and hand_made_rows.rule_hash = hand_made_rules.rule_hash
),
{%- endif %}

definitions as (
    {%- for row in definitions %}
    select
        {{ text_literal(row.segmentation) }} as segmentation,
        {{ text_literal(row.segment) }} as segment,
        {{ text_literal(row.assignment) }} as assignment,
        {{ text_literal(row.description) if row.description else 'null' }}
            as description,
        {{ text_literal(row.owner) if row.owner else 'null' }} as owner,
        {{ text_literal(row.rule_words) }} as rule_words,
        {{ text_literal(row.rule_json) }} as rule_json,
        {{ text_literal(row.rule_hash) }} as rule_hash,
        {{ row.position }} as position,
        {{ row.min_size if row.min_size is not none else 'null' }} as min_size,
        {{ row.is_otherwise | lower }} as is_otherwise
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if definitions and written_by_hand %}
    union all
    {%- endif %}
    {%- if written_by_hand %}
    select
        segmentation,
        segment,
        assignment,
        null as description,
        null as owner,
        'the SQL of its model, written by hand' as rule_words,
        null as rule_json,
        rule_hash,
        row_number() over (partition by segmentation order by segment) as position,
        null as min_size,
        false as is_otherwise
    from occurring
    {%- endif %}
),

defined as (
    select
        definitions.*,
        current_dates.as_of_date
    from definitions
    cross join {{ ref('int_as_of_dates') }} as current_dates
    where current_dates.is_current
),
{%- if is_increment() %}

earlier as (
    select * from {{ this }}
),

last_versions as (
    select
        segmentation,
        segment,
        max(definition_version) as definition_version
    from earlier
    group by
        segmentation,
        segment
),

-- Rules with which closed snapshots were published: their rows bear these hashes.
earlier_rules as (
    select distinct
        segmentation,
        rule_hash
    from earlier
    where is_current
),

earlier_hashes as (
    select
        segmentation,
        {{ dbt.hash(text_list('rule_hash', "' '", 'rule_hash')) }}
            as definition_hash
    from earlier_rules
    group by segmentation
),

stated_rules as (
    select distinct rules.segmentation
    from earlier_hashes as rules
    {%- if published %}
    inner join {{ published }} as published
        on
            rules.segmentation = published.segmentation
            and rules.definition_hash = published.definition_hash
    where not published.is_provisional
    {%- else %}
    where false
    {%- endif %}
),

-- What is gone and what is new with the same rule is the same segment under another
-- name, if there is one of each. Written by hand all segments have one hash, so that it
-- tells nothing.
gone as (
    select
        earlier.segmentation,
        earlier.rule_hash,
        min(earlier.segment_key) as segment_key
    from earlier
    left join defined
        on
            earlier.segmentation = defined.segmentation
            and earlier.segment = defined.segment
    where
        earlier.is_current
        and earlier.rule_json is not null
        and defined.segment is null
    group by
        earlier.segmentation,
        earlier.rule_hash
    having count(*) = 1
),

appeared as (
    select
        defined.segmentation,
        defined.rule_hash,
        min(defined.segment) as segment
    from defined
    left join last_versions
        on
            defined.segmentation = last_versions.segmentation
            and defined.segment = last_versions.segment
    where last_versions.segment is null
    group by
        defined.segmentation,
        defined.rule_hash
    having count(*) = 1
),

renamed as (
    select
        appeared.segmentation,
        appeared.segment,
        gone.segment_key
    from appeared
    inner join gone
        on
            appeared.segmentation = gone.segmentation
            and appeared.rule_hash = gone.rule_hash
),

-- A name that comes back is the segment that it was, unless that one is now called
-- otherwise: its key stays with it.
held_keys as (
    select
        renamed.segmentation,
        renamed.segment,
        renamed.segment_key
    from renamed
    union all
    select
        earlier.segmentation,
        earlier.segment,
        earlier.segment_key
    from earlier
    inner join defined
        on
            earlier.segmentation = defined.segmentation
            and earlier.segment = defined.segment
    where earlier.is_current
),

compared as (
    select
        defined.*,
        coalesce(
            renamed.segment_key,
            case
                when held_keys.segment_key is not null
                    then {{ dbt.concat([
                        "defined.segment", "' since '",
                        "cast(defined.as_of_date as " ~ dbt.type_string() ~ ")",
                    ]) }}
                else earlier.segment_key
            end,
            defined.segment
        ) as segment_key,
        coalesce(last_versions.definition_version, 0) as last_version,
        case when earlier.is_current then earlier.first_valid_date end
            as known_from_date,
        case when earlier.is_current then earlier.last_valid_date end as known_to_date,
        earlier.is_current
        and earlier.rule_hash = defined.rule_hash
        and earlier.assignment = defined.assignment
        and coalesce(earlier.description, '') = coalesce(defined.description, '')
        and coalesce(earlier.owner, '') = coalesce(defined.owner, '')
        and coalesce(earlier.min_size, -1) = coalesce(defined.min_size, -1)
            as is_unchanged,
        earlier.rule_hash <> defined.rule_hash
        and stated_rules.segmentation is not null as is_stated
    from defined
    left join last_versions
        on
            defined.segmentation = last_versions.segmentation
            and defined.segment = last_versions.segment
    left join earlier
        on
            last_versions.segmentation = earlier.segmentation
            and last_versions.segment = earlier.segment
            and last_versions.definition_version = earlier.definition_version
    left join stated_rules
        on defined.segmentation = stated_rules.segmentation
    left join renamed
        on
            defined.segmentation = renamed.segmentation
            and defined.segment = renamed.segment
    left join held_keys
        on
            earlier.segmentation = held_keys.segmentation
            and earlier.segment_key = held_keys.segment_key
            and earlier.segment <> held_keys.segment
),

-- A definition that is changed on its first day was never that of a whole day, so that
-- it makes no version, unless closed dates were published with its rule.
current_versions as (
    select
        *,
        last_version + case
            when is_unchanged then 0
            when known_from_date >= as_of_date and not is_stated then 0
            else 1
        end as definition_version,
        case when is_unchanged then least(known_from_date, as_of_date) else as_of_date
        end as first_valid_date,
        case when is_unchanged then greatest(known_to_date, as_of_date) else as_of_date
        end as last_valid_date
    from compared
),

-- What was current and is now changed, or gone.
ended_versions as (
    select
        earlier.*,
        current_dates.as_of_date
    from earlier
    cross join {{ ref('int_as_of_dates') }} as current_dates
    left join current_versions
        on
            earlier.segmentation = current_versions.segmentation
            and earlier.segment = current_versions.segment
            and earlier.definition_version = current_versions.definition_version
    where
        earlier.is_current
        and current_dates.is_current
        and current_versions.segment is null
),
{%- endif %}

versions as (
    {%- if is_increment() %}
    select
        segmentation,
        segment,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        segment_key,
        definition_version,
        true as is_current,
        first_valid_date,
        last_valid_date
    from current_versions
    union all
    select
        segmentation,
        segment,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        segment_key,
        definition_version,
        false as is_current,
        first_valid_date,
        cast(
            case
                when first_valid_date < as_of_date and last_valid_date >= as_of_date
                    then {{ dbt.dateadd('day', -1, 'as_of_date') }}
                else last_valid_date
            end as date
        ) as last_valid_date
    from ended_versions
    {%- else %}
    select
        segmentation,
        segment,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        segment as segment_key,
        1 as definition_version,
        true as is_current,
        as_of_date as first_valid_date,
        as_of_date as last_valid_date
    from defined
    {%- endif %}
),

typed as (
    select
        segmentation,
        segment,
        assignment,
        cast(description as {{ dbt.type_string() }}) as description,
        cast(owner as {{ dbt.type_string() }}) as owner,
        rule_words,
        cast(rule_json as {{ dbt.type_string() }}) as rule_json,
        rule_hash,
        segment_key,
        cast(definition_version as integer) as definition_version,
        cast(position as integer) as position,
        cast(min_size as integer) as min_size,
        is_otherwise,
        is_current,
        first_valid_date,
        last_valid_date
    from versions
)

select * from typed
{%- if is_increment() %}
-- What is as it was is not written again.
{{ set_operator('except') }}
select
    segmentation,
    segment,
    assignment,
    description,
    owner,
    rule_words,
    rule_json,
    rule_hash,
    segment_key,
    definition_version,
    position,
    min_size,
    is_otherwise,
    is_current,
    first_valid_date,
    last_valid_date
from earlier
{%- endif %}
