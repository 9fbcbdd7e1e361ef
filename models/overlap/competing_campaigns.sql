{{ config(materialized='view') }}

with

-- A campaign may have several lines, one for each segment that it is meant for.
campaigns as (
    select * from {{ ref('campaigns') }}
),

campaign_dates as (
    select
        campaign,
        min(from_date) as from_date,
        max(until_date) as until_date
    from campaigns
    group by campaign
),

current_dates as (
    select as_of_date
    from {{ ref('int_as_of_dates') }}
    where is_current
),

audiences as (
    select distinct
        memberships.as_of_date,
        memberships.user_id,
        campaigns.campaign
    from {{ ref('segment_memberships') }} as memberships
    inner join current_dates
        on memberships.as_of_date = current_dates.as_of_date
    inner join campaigns
        on
            memberships.segmentation = campaigns.segmentation
            and memberships.segment = campaigns.segment
),

audience_sizes as (
    select
        as_of_date,
        campaign,
        count(*) as user_count
    from audiences
    group by
        as_of_date,
        campaign
),

shared_users as (
    select
        a.campaign as campaign_a,
        b.campaign as campaign_b,
        count(*) as both_user_count
    from audiences as a
    inner join audiences as b
        on
            a.user_id = b.user_id
            and a.campaign < b.campaign
    group by
        a.campaign,
        b.campaign
)

-- Campaigns compete on the days that both have; those that are over do so no more.
select
    current_dates.as_of_date,
    a.campaign as campaign_a,
    b.campaign as campaign_b,
    coalesce(sizes_a.user_count, 0) as user_count_a,
    coalesce(sizes_b.user_count, 0) as user_count_b,
    coalesce(shared_users.both_user_count, 0) as both_user_count,
    coalesce(shared_users.both_user_count, 0)
    / nullif(
        cast(
            least(
                coalesce(sizes_a.user_count, 0), coalesce(sizes_b.user_count, 0)
            ) as {{ type_double() }}
        ),
        0
    ) as smaller_audience_share,
    cast(
        {{ dbt.datediff(
            'greatest(a.from_date, b.from_date)',
            'least(a.until_date, b.until_date)',
            'day',
        ) }} + 1 as integer
    ) as shared_days,
    greatest(a.from_date, b.from_date) as shared_from_date,
    least(a.until_date, b.until_date) as shared_until_date
from current_dates
cross join campaign_dates as a
inner join campaign_dates as b
    on
        a.campaign < b.campaign
        and a.from_date <= b.until_date
        and a.until_date >= b.from_date
        and current_dates.as_of_date <= a.until_date
        and current_dates.as_of_date <= b.until_date
left join audience_sizes as sizes_a
    on a.campaign = sizes_a.campaign
left join audience_sizes as sizes_b
    on b.campaign = sizes_b.campaign
left join shared_users
    on
        a.campaign = shared_users.campaign_a
        and b.campaign = shared_users.campaign_b
