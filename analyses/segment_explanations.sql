{#- Why some users are in or out of the segments of one segmentation, on the current date:
    dbt show --target prod --select segment_explanations --limit 500 --vars
    '{explained_segmentation: lifecycle, explained_user_ids: [u000042, u000043]}' -#}
with

explanations as (
    {{ segmentation_explanation(
        'seg_' ~ var('explained_segmentation', var('segmentations')[0]),
        var('explained_user_ids', [])
    ) }}
)

select *
from explanations
order by
    user_id,
    position
