{#
    The columns of user_features that models are fitted on and score with, in the order
    of the table. Fitted seeds name these features; a test holds them to it.

    Example: {% for feature in feature_columns() %}
#}
{% macro feature_columns() -%}
    {{ return([
        'purchase_recency_log',
        'activity_recency_log',
        'tenure_log',
        'purchase_count_90d_log',
        'purchase_count_30d_log',
        'revenue_90d_log',
        'active_day_count_90d_log',
        'product_view_count_30d_log',
        'cart_add_count_30d_log',
        'discounted_purchase_share',
    ]) }}
{%- endmacro %}
