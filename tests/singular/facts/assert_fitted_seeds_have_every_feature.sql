{#- A seed that was fitted before features were added or renamed would score with what
    is left of them. An empty seed is no fault: nobody is scored. -#}
{%- set parameters = [
    'r', 'alpha', 'a', 'b', 'prior_purchase_count', 'prior_order_value',
] -%}
with

found as (
    select
        'cluster_centroids' as seed,
        name as part,
        feature as line,
        count(*) as line_count
    from {{ ref('cluster_centroids') }}
    group by
        name,
        feature
    union all
    select
        'feature_scalings' as seed,
        model as part,
        feature as line,
        count(*) as line_count
    from {{ ref('feature_scalings') }}
    group by
        model,
        feature
    union all
    select
        'churn_coefficients' as seed,
        'churn' as part,
        feature as line,
        count(*) as line_count
    from {{ ref('churn_coefficients') }}
    group by feature
    union all
    select
        'value_parameters' as seed,
        'value' as part,
        parameter as line,
        count(*) as line_count
    from {{ ref('value_parameters') }}
    group by parameter
),

parts as (
    select
        seed,
        part
    from found
    {{ set_operator('union') }}
    select
        'feature_scalings' as seed,
        'clusters' as part
    from {{ ref('cluster_centroids') }}
    {{ set_operator('union') }}
    select
        'feature_scalings' as seed,
        'churn' as part
    from {{ ref('churn_coefficients') }}
),

features as (
    {%- for feature in feature_columns() %}
    select '{{ feature }}' as line
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

wanted as (
    select
        parts.seed,
        parts.part,
        features.line
    from parts
    cross join features
    where parts.seed <> 'value_parameters'
    union all
    select
        seed,
        part,
        'intercept' as line
    from parts
    where seed = 'churn_coefficients'
    {%- for parameter in parameters %}
    union all
    select
        seed,
        part,
        '{{ parameter }}' as line
    from parts
    where seed = 'value_parameters'
    {%- endfor %}
),

compared as (
    select
        coalesce(found.seed, wanted.seed) as seed,
        coalesce(found.part, wanted.part) as part,
        coalesce(found.line, wanted.line) as line,
        coalesce(found.line_count, 0) as line_count,
        case when wanted.line is null then 0 else 1 end as wanted_count
    from found
    full join wanted
        on
            found.seed = wanted.seed
            and found.part = wanted.part
            and found.line = wanted.line
)

select * from compared
where line_count <> wanted_count
