{#
    The body of a recursive CTE with the pairs of users who are linked with each other
    directly or through others, on each date. A pair may come more than once.

    Spark knows no recursion that ends where nothing new is found: there it goes 20
    steps, and who is linked over more of them stays apart.

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
