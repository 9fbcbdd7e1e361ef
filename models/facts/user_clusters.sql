{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    meta={'replaces': 'due_dates'},
) }}
{%- set squares = [] -%}
{%- for feature in feature_columns() -%}
    {%- do squares.append(
        'power(' ~ standardised(
            'users.' ~ feature,
            'scalings.' ~ feature ~ '_mean',
            'scalings.' ~ feature ~ '_deviation',
        ) ~ ' - centroids.' ~ feature ~ ', 2)'
    ) -%}
{%- endfor %}
with

users as (
    select * from {{ ref('user_features') }}
    where
        is_active_known_user
        and {{ only_due_dates() }}
),

scalings as (
    select
        {{ pivoted_features('mean', suffix='_mean') }},
        {{ pivoted_features('standard_deviation', suffix='_deviation') }}
    from {{ ref('feature_scalings') }}
    where model = 'clusters'
),

centroids as (
    select
        name,
        {{ pivoted_features('centroid') }}
    from {{ ref('cluster_centroids') }}
    group by name
),

distances as (
    select
        users.as_of_date,
        users.user_id,
        centroids.name as cluster_name,
        {{ rounded('sqrt(' ~ squares | join(' + ') ~ ')', 6) }} as distance
    from users
    cross join scalings
    cross join centroids
),

ranked as (
    select
        as_of_date,
        user_id,
        cluster_name,
        distance,
        row_number() over (
            partition by as_of_date, user_id order by distance, cluster_name
        ) as distance_rank,
        lead(distance) over (
            partition by as_of_date, user_id order by distance, cluster_name
        ) - distance as margin
    from distances
)

select
    as_of_date,
    user_id,
    cluster_name,
    distance,
    {{ rounded('margin', 6) }} as margin
from ranked
where distance_rank = 1
