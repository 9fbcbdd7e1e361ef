{#
    The incremental strategy `replace`: deletes the rows that a build computes anew,
    also those that come out empty, and inserts the new ones, both in one transaction.
    Which rows these are stands in the model's `meta: {replaces: …}`:
      touched_days     days with new, changed or removed events
      touched_users    users with new, changed or removed profiles
      due_dates        snapshot dates to compute, and dates that are not kept
      due_snapshots    the same for the segmentation that the model is
      deliveries       raw rows of files and events that this build read
      affected_dates   dates whose changes are computed, and provisional ones that went;
                       the others are kept for good
      kept_dates       the same, but only dates of which the rows of users are kept
      due_pairs        dates that are computed, and provisional ones that went; the
                       others are kept for good
      due_counts       rows of the snapshots to compute, and open ones that nothing will
                       close; the others are kept for good
      due_outcomes     snapshot dates of which what came after them is told; the others
                       are kept for good
      newest_date      everything, where the current date is computed
      this_build       what an earlier try of this build wrote
      same_triggers    the triggers whose state is told anew
      same_snapshots   the snapshots that are published anew, and open ones that nothing
                       will close
      everything

    Arguments: arg_dict, from dbt's incremental materialization.
#}
{% macro get_incremental_replace_sql(arg_dict) -%}
    {%- set target_relation = arg_dict['target_relation'] -%}
    {%- set temp_relation = arg_dict['temp_relation'] -%}
    {%- set columns = (
        arg_dict['dest_columns'] or adapter.get_columns_in_relation(target_relation)
    ) | map(attribute='quoted') | join(', ') -%}
    {%- set kind = config.get('meta', {}).get('replaces') %}
    {%- set delete %}
    delete from {{ target_relation }}
    where {{ user_segmentation._replaced_rows(kind, temp_relation) }}
    {%- endset %}
    {%- set insert %}
    insert into {{ target_relation }} ({{ columns }})
    select {{ columns }} from {{ temp_relation }}
    {%- if kind == 'due_snapshots' %}
    where {{ user_segmentation._is_due_snapshot() }}
    {%- endif %}
    {%- endset %}
    {{- return(user_segmentation.in_one_transaction(delete, insert)) }}
{%- endmacro %}

{# The condition on the rows that are replaced. #}
{% macro _replaced_rows(kind, temp_relation) -%}
    {%- if kind == 'touched_days' -%}
        activity_date in (select activity_date from {{ ref('int_touched_days') }})
    {%- elif kind == 'touched_users' -%}
        user_id in (select user_id from {{ ref('int_touched_users') }})
    {%- elif kind == 'due_dates' -%}
        as_of_date in (
            select as_of_date from {{ ref('int_as_of_dates') }} where is_due
        )
        or {{ user_segmentation._is_not_kept() }}
    {%- elif kind == 'due_snapshots' -%}
        {{ user_segmentation._is_due_snapshot() }}
        or {{ user_segmentation._is_not_kept() }}
    {%- elif kind == 'deliveries' -%}
        {%- set key = 'event_id' if model.name == 'stg_event_deliveries'
            else 'user_id' -%}
        coalesce({{ key }}, '') in (
            select coalesce({{ key }}, '') from {{ temp_relation }}
        )
        or (
            is_withdrawn
            and build_number < {{ user_segmentation.build_number() }}
            and exists (select 1 from {{ temp_relation }})
        )
    {%- elif kind == 'affected_dates' -%}
        as_of_date in (
            select as_of_date from {{ ref('int_affected_dates') }}
        )
        or (is_provisional and {{ user_segmentation._is_not_kept() }})
    {%- elif kind == 'kept_dates' -%}
        as_of_date in (
            select affected_dates.as_of_date
            from {{ ref('int_affected_dates') }} as affected_dates
            inner join {{ ref('int_as_of_dates') }} as as_of_dates
                on affected_dates.as_of_date = as_of_dates.as_of_date
        )
        or (is_provisional and {{ user_segmentation._is_not_kept() }})
    {%- elif kind == 'due_pairs' -%}
        {{ user_segmentation.only_due_snapshots() }}
        or (is_provisional and {{ user_segmentation._is_not_kept() }})
    {%- elif kind == 'due_counts' -%}
        exists (
            select 1
            from {{ ref('int_due_snapshots') }} as due_snapshots
            where
                due_snapshots.as_of_date = {{ this.identifier }}.as_of_date
                and due_snapshots.segmentation = {{ this.identifier }}.segmentation
        )
        or {{ user_segmentation._is_open_and_gone() }}
    {%- elif kind == 'same_snapshots' -%}
        exists (
            select 1
            from {{ temp_relation }} as published
            where
                published.as_of_date = {{ this.identifier }}.as_of_date
                and published.segmentation = {{ this.identifier }}.segmentation
        )
        or {{ user_segmentation._is_open_and_gone() }}
    {%- elif kind == 'same_triggers' -%}
        exists (
            select 1
            from {{ temp_relation }} as told
            where
                told.previous_as_of_date = {{ this.identifier }}.previous_as_of_date
                and told.user_id = {{ this.identifier }}.user_id
                and told.trigger_name = {{ this.identifier }}.trigger_name
                and told.segmentation = {{ this.identifier }}.segmentation
        )
    {%- elif kind == 'due_outcomes' -%}
        {{ user_segmentation.only_due_outcomes() }}
    {%- elif kind == 'newest_date' -%}
        as_of_date not in (
            select as_of_date from {{ ref('int_as_of_dates') }} where is_current
        )
        or {{ user_segmentation.only_due_current_date() }}
    {%- elif kind == 'everything' -%}
        true
    {%- elif kind == 'this_build' -%}
        build_number = {{ user_segmentation.build_number() }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": its incremental strategy is 'replace', so its "
            ~ "config has to say what it replaces: meta={'replaces': …}, one of "
            ~ "touched_days, touched_users, due_dates, due_snapshots, deliveries, "
            ~ "affected_dates, kept_dates, due_pairs, due_counts, due_outcomes, "
            ~ "newest_date, this_build, same_triggers, same_snapshots, everything; "
            ~ "given was "
            ~ kind | tojson ~ "."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    Snapshots older than those that are kept, and that of a D that has moved on. Later
    ones stay where D is set back.
#}
{% macro _is_not_kept() -%}
        (
            as_of_date not in (select as_of_date from {{ ref('int_as_of_dates') }})
            and as_of_date <= (
                select max(as_of_date) from {{ ref('int_as_of_dates') }}
            )
        )
{%- endmacro %}

{#
    Open snapshots that nothing will close: of a D that has moved on, or of a
    segmentation that is switched off.
#}
{% macro _is_open_and_gone() -%}
        (
            is_provisional
            and (
                segmentation not in (
                    {{- user_segmentation.text_literals(var('segmentations', []))
                        | join(', ') -}}
                )
                or {{ user_segmentation._is_not_kept() }}
            )
        )
{%- endmacro %}

{# A segmentation written by hand may compute more than is due; it is left out. #}
{% macro _is_due_snapshot() -%}
    {{ user_segmentation.only_due_snapshots(model.name[4:]) }}
{%- endmacro %}
