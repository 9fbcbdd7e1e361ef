{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}

with

user_merges as (
    select * from {{ ref('int_user_merges') }}
),

as_of_dates as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('int_as_of_dates') }}
    where {{ only_due_dates() }}
),

now_merged as (
    select
        user_merges.*,
        as_of_dates.previous_as_of_date
    from user_merges
    inner join as_of_dates
        on user_merges.as_of_date = as_of_dates.as_of_date
),

merged_before as (
    select
        as_of_dates.as_of_date,
        user_merges.user_id,
        user_merges.merged_user_id
    from user_merges
    inner join as_of_dates
        on user_merges.as_of_date = as_of_dates.previous_as_of_date
),

compared as (
    select
        coalesce(now_merged.as_of_date, merged_before.as_of_date) as as_of_date,
        coalesce(now_merged.user_id, merged_before.user_id) as user_id,
        now_merged.merged_user_id,
        merged_before.merged_user_id as earlier_merged_user_id
    from now_merged
    full join merged_before
        on
            now_merged.as_of_date = merged_before.as_of_date
            and now_merged.user_id = merged_before.user_id
)

select
    compared.as_of_date,
    compared.user_id,
    compared.merged_user_id,
    compared.earlier_merged_user_id,
    case
        when compared.merged_user_id is null then 'split'
        when compared.earlier_merged_user_id is null then 'merged'
        when compared.earlier_merged_user_id <> compared.merged_user_id then 'moved'
        else 'same'
    end as change
from compared
