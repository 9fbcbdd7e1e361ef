{#
    The body of a recursive CTE with the pairs of users who are linked with each other
    directly or through others, on each date. A pair may come more than once.

    Few engines know a recursion that ends where nothing new is found. Spark goes 20
    steps, on the others five joins double the reach each, to 32; who is linked over
    more stays apart.

    Arguments: reached, the name of the CTE; links, that of a CTE with as_of_date,
    user_id and other_user_id, in which everybody is linked with themselves.
    Example: reached as ({{ pairs_in_reach('reached', 'links') }})
#}
{% macro pairs_in_reach(reached, links) -%}
    {{ return(adapter.dispatch('pairs_in_reach', 'user_segmentation')(
        reached, links
    )) }}
{%- endmacro %}

{% macro default__pairs_in_reach(reached, links) %}
    with
    {% for step in range(1, 6) %}
    {%- set near = links if loop.first else reached ~ '_' ~ (step - 1) %}
    {{ reached }}_{{ step }} as (
        select distinct
            near.as_of_date,
            near.user_id,
            far.other_user_id
        from {{ near }} as near
        inner join {{ near }} as far
            on
                near.as_of_date = far.as_of_date
                and near.other_user_id = far.user_id
    ){{ ',' if not loop.last }}
    {% endfor %}
    select
        as_of_date,
        user_id,
        other_user_id
    from {{ reached }}_5
{%- endmacro %}

{% macro duckdb__pairs_in_reach(reached, links) %}
    select
        as_of_date,
        user_id,
        other_user_id
    from {{ links }}
    union
    select
        {{ reached }}.as_of_date,
        {{ reached }}.user_id,
        {{ links }}.other_user_id
    from {{ reached }}
    inner join {{ links }}
        on
            {{ reached }}.as_of_date = {{ links }}.as_of_date
            and {{ reached }}.other_user_id = {{ links }}.user_id
{%- endmacro %}

{% macro postgres__pairs_in_reach(reached, links) -%}
    {{ return(user_segmentation.duckdb__pairs_in_reach(reached, links)) }}
{%- endmacro %}

{% macro spark__pairs_in_reach(reached, links) %}
    select
        as_of_date,
        user_id,
        other_user_id,
        1 as step
    from {{ links }}
    union all
    select distinct
        {{ reached }}.as_of_date,
        {{ reached }}.user_id,
        {{ links }}.other_user_id,
        {{ reached }}.step + 1 as step
    from {{ reached }}
    inner join {{ links }}
        on
            {{ reached }}.as_of_date = {{ links }}.as_of_date
            and {{ reached }}.other_user_id = {{ links }}.user_id
    where {{ reached }}.step < 20
{%- endmacro %}
