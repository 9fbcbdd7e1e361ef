{#
    Fails for every user of the population who has no segment on a date: for
    segmentations in which everyone should have one.

    Arguments: population, a relation with `as_of_date` and `user_id`, by default
    ref('user_facts'), everyone known on the date; condition, SQL that limits it.
    Columns for debugging: `as_of_date`, `user_id`.
#}
{% test covers_population(model, population=none, condition='true') %}

select
    population.as_of_date,
    population.user_id
from (
    select
        as_of_date,
        user_id
    from {{ population or ref('user_facts') }}
    where {{ condition }}
) as population
left join {{ model }} as members
    on
        population.as_of_date = members.as_of_date
        and population.user_id = members.user_id
where members.user_id is null

{% endtest %}
