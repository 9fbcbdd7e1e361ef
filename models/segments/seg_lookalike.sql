-- Written by hand: each segment is the users who resemble those of another one and are
-- not in it. A list entry: the segment, whom it resembles, and how many percent of all
-- others are in it.
{%- set lookalikes = [
    {
        'segment': 'like_loyal_shoppers',
        'model': 'seg_lifecycle', 'of_segment': 'loyal_shopper', 'top_percent': 5,
    },
    {
        'segment': 'like_champions',
        'model': 'seg_rfm', 'of_segment': 'champions', 'top_percent': 5,
    },
] %}
{{ hand_written_segmentation(assignment='overlapping') }}
{%- do check_lookalikes(lookalikes) %}

{%- set squares = [] -%}
{%- for feature in feature_columns() -%}
    {%- do squares.append(
        'power(users.' ~ feature ~ ' - centroids.' ~ feature ~ ', 2)'
    ) -%}
{%- endfor %}
with

users as (
    select * from {{ ref('user_features') }}
    where {{ only_due_snapshots('lookalike') }}
),

wanted as (
    {%- for lookalike in lookalikes %}
    select
        {{ text_literal(lookalike.segment) }} as segment,
        {{ lookalike.top_percent }} as top_percent
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

members as (
    {%- for lookalike in lookalikes %}
    select
        as_of_date,
        user_id,
        {{ text_literal(lookalike.segment) }} as segment
    from {{ ref(lookalike.model) }}
    where
        segment = {{ text_literal(lookalike.of_segment) }}
        and {{ only_due_snapshots('lookalike') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Rounded, since sums of floating numbers differ with the order of adding.
scalings as (
    select
        as_of_date,
        {%- for feature in feature_columns() %}
        {{ rounded('avg(' ~ feature ~ ')', 9) }} as {{ feature }}_mean,
        {{ rounded('stddev_pop(' ~ feature ~ ')', 9) }} as {{ feature }}_deviation
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from users
    group by as_of_date
),

standardised_users as (
    select
        users.as_of_date,
        users.user_id,
        {%- for feature in feature_columns() %}
        {{ standardised(
            'users.' ~ feature,
            'scalings.' ~ feature ~ '_mean',
            'scalings.' ~ feature ~ '_deviation',
        ) }} as {{ feature }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from users
    inner join scalings
        on users.as_of_date = scalings.as_of_date
),

centroids as (
    select
        members.as_of_date,
        members.segment,
        {%- for feature in feature_columns() %}
        {{ rounded('avg(users.' ~ feature ~ ')', 9) }} as {{ feature }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from members
    inner join standardised_users as users
        on
            members.as_of_date = users.as_of_date
            and members.user_id = users.user_id
    group by
        members.as_of_date,
        members.segment
),

candidates as (
    select
        users.as_of_date,
        users.user_id,
        centroids.segment,
        {{ rounded(squares | join(' + '), 6) }} as squared_distance
    from standardised_users as users
    inner join centroids
        on users.as_of_date = centroids.as_of_date
    left join members
        on
            users.as_of_date = members.as_of_date
            and users.user_id = members.user_id
            and centroids.segment = members.segment
    where members.user_id is null
),

ranked as (
    select
        as_of_date,
        user_id,
        segment,
        count(*) over (
            partition by as_of_date, segment order by squared_distance
        ) as same_or_nearer_count,
        count(*) over (partition by as_of_date, segment) as candidate_count
    from candidates
)

-- Ties stay together and never take more than the share.
select
    ranked.as_of_date,
    ranked.user_id,
    'lookalike' as segmentation,
    ranked.segment,
    {{ hand_written_hash() }} as rule_hash
from ranked
inner join wanted
    on ranked.segment = wanted.segment
where 100 * ranked.same_or_nearer_count <= wanted.top_percent * ranked.candidate_count
