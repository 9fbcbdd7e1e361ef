{#
    The variance that chance gives to the change of a share between two dates, for users
    many of whom are there on both. Each user adds (member - p) / total on the date,
    less the same on the base date, p being the share of both dates together: these add
    up to the change, and their squares to its variance. So who stays as they were adds
    next to nothing, and neither date needs to be a sample: it holds for a panel, for
    two different crowds (kept_members and the last three arguments 0) and for what lies
    between.

    Of those who came and those who went the squares alone know too little: where by
    chance no newcomer is a member, they conclude that newcomers never are. Of each of
    the two the squares count or, where it is more, what they are when the chance to be
    a member is p.

    Arguments: SQL of counts, which are repeated: give columns.
      members, base_members              members of the group on the date, on the base
      total, base_total                  users on the date, on the base date
      kept_members                       members on both
      known_members, lasting_members     members on the date who were users on the base
                                         date, and on the base date who are users now
      both_total                         users on both
    Null where there is nobody on one of the dates.
    Example: see segment_share_drift
#}
{% macro share_change_variance(
    members, total, base_members, base_total,
    kept_members, known_members, lasting_members, both_total
) -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set n -%} cast({{ total }} as {{ double }}) {%- endset -%}
    {%- set m -%} cast({{ base_total }} as {{ double }}) {%- endset -%}
    {%- set p -%}
        (({{ members }} + {{ base_members }}) / ({{ n }} + {{ m }}))
    {%- endset -%}
    case
        when {{ total }} > 0 and {{ base_total }} > 0
            then greatest(
                0,
                {{ user_segmentation._squares(known_members, both_total, p) }}
                / ({{ n }} * {{ n }})
                + {{ user_segmentation._squares(lasting_members, both_total, p) }}
                / ({{ m }} * {{ m }})
                - 2 * (
                    {{ kept_members }}
                    - {{ p }} * ({{ known_members }} + {{ lasting_members }})
                    + {{ p }} * {{ p }} * {{ both_total }}
                ) / ({{ n }} * {{ m }})
            )
            + {{ user_segmentation._squares_of_others(
                members ~ ' - ' ~ known_members, total ~ ' - ' ~ both_total, p
            ) }} / ({{ n }} * {{ n }})
            + {{ user_segmentation._squares_of_others(
                base_members ~ ' - ' ~ lasting_members,
                base_total ~ ' - ' ~ both_total,
                p
            ) }} / ({{ m }} * {{ m }})
    end
{%- endmacro %}

{# The sum of (member - p) squared over some users, of whom so many are members. #}
{% macro _squares(members, total, p) -%}
    (({{ members }}) * (1 - 2 * {{ p }}) + ({{ total }}) * {{ p }} * {{ p }})
{%- endmacro %}

{# The same of users of one date alone, at least what chance makes of it. #}
{% macro _squares_of_others(members, total, p) -%}
    greatest(
        {{ user_segmentation._squares(members, total, p) }},
        ({{ total }}) * {{ p }} * (1 - {{ p }})
    )
{%- endmacro %}
