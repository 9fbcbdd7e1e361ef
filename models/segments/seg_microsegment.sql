-- Written by hand: everybody is in one cell of a crossing of exclusive segmentations
-- and columns of text of user_facts, the first one the coarsest. Cells with fewer users
-- than the minimum are folded, see the macro folded_cells.
{%- set dimensions = ['seg_lifecycle', 'seg_technographic', 'gender'] -%}
{%- set minimum_user_count = 50 %}
{{ hand_written_segmentation(assignment='exclusive') }}
{%- set segmentations = check_dimensions(dimensions) %}

with

users as (
    select * from {{ ref('user_facts') }}
    where {{ only_due_snapshots('microsegment') }}
),

crossed as (
    select
        users.as_of_date,
        users.user_id,
        {%- for dimension in dimensions %}
        {{ cell_value(
            dimension ~ '.segment' if dimension in segmentations
            else 'users.' ~ dimension
        ) }} as {{ dimension }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from users
    {% for name in segmentations %}
    left join {{ ref(name) }} as {{ name }}
        on
            users.as_of_date = {{ name }}.as_of_date
            and users.user_id = {{ name }}.user_id
    {% endfor %}
),

cells as (
    {{ folded_cells('crossed', dimensions, minimum_user_count) }}
)

select
    crossed.as_of_date,
    crossed.user_id,
    'microsegment' as segmentation,
    cells.segment,
    {{ hand_written_hash() }} as rule_hash
from crossed
inner join cells
    on
        crossed.as_of_date = cells.as_of_date
        {%- for dimension in dimensions %}
        and crossed.{{ dimension }} = cells.{{ dimension }}
        {%- endfor %}
