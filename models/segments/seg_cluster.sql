-- Written by hand: what a cluster is stands in fitted seeds.
{{ hand_written_segmentation(assignment='exclusive') }}

select
    as_of_date,
    user_id,
    'cluster' as segmentation,
    cluster_name as segment,
    {{ hand_written_hash() }} as rule_hash
from {{ ref('user_clusters') }}
where {{ only_due_snapshots('cluster') }}
