-- A longer window never holds less than a shorter one, and never more than all time.
select
    as_of_date,
    user_id
from {{ ref('user_facts') }}
where
    {%- for name in [
        'event_count', 'session_count', 'product_view_count', 'cart_add_count',
        'login_count', 'purchase_count', 'active_day_count',
    ] %}
    {{ 'or ' if not loop.first }}not (
        {{ name }}_7d <= {{ name }}_30d
        and {{ name }}_30d <= {{ name }}_90d
        and {{ name }}_90d <= {{ name }}_365d
        and {{ name }}_365d <= {{ name }}
    )
    {%- endfor %}
