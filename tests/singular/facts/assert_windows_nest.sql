{%- set counts = [
    'event_count', 'session_count', 'product_view_count', 'cart_add_count',
    'login_count', 'purchase_count', 'active_day_count',
] -%}
-- A longer window never holds less than a shorter one, and never more than all time.
select
    as_of_date,
    user_id
from {{ ref('user_facts') }}
where
    false
    {%- for name in counts %}
    or {{ name }}_7d > {{ name }}_30d
    or {{ name }}_30d > {{ name }}_90d
    or {{ name }}_90d > {{ name }}_365d
    or {{ name }}_365d > {{ name }}
    {%- endfor %}
