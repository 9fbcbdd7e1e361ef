-- Written by hand: the rules stand in the ordered score table of the seed rfm_segments.
{{ hand_written_segmentation(assignment='exclusive') }}

select
    as_of_date,
    user_id,
    'rfm' as segmentation,
    rfm_segment as segment,
    {{ hand_written_hash() }} as rule_hash
from {{ ref('user_rfm') }}
where {{ only_due_snapshots('rfm') }}
