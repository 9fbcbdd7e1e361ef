-- An intersection is no larger than either segment and no smaller than the population
-- forces it to be; segments of one exclusive segmentation share nobody.
with

populations as (
    select
        as_of_date,
        max(population_user_count) as population_user_count
    from {{ ref('segment_sizes') }}
    group by as_of_date
),

-- Those that never were overlapping: dates may be older than the definition of now.
exclusive_segmentations as (
    select segmentation
    from {{ ref('segment_definitions') }}
    group by segmentation
    having
        min(assignment) = 'exclusive'
        and max(assignment) = 'exclusive'
)

select
    pairs.as_of_date,
    pairs.segmentation_a,
    pairs.segment_a,
    pairs.segmentation_b,
    pairs.segment_b,
    pairs.both_user_count
from {{ ref('segment_overlap') }} as pairs
inner join populations
    on pairs.as_of_date = populations.as_of_date
left join exclusive_segmentations
    on
        pairs.segmentation_a = exclusive_segmentations.segmentation
        and pairs.segmentation_b = exclusive_segmentations.segmentation
where
    pairs.both_user_count > least(pairs.user_count_a, pairs.user_count_b)
    or pairs.both_user_count
    < pairs.user_count_a + pairs.user_count_b - populations.population_user_count
    or (exclusive_segmentations.segmentation is not null and pairs.both_user_count > 0)
