{#
    The variance that chance gives to the change of a share between two dates, for users
    many of whom are there on both. Each user adds (member - p) / total on the date,
    less the same on the base date, p being the share of both dates together: these add
    up to the change, and their squares to its variance. So who stays as they were adds
    next to nothing, and neither date needs to be a sample: it holds for a panel, for
    two different crowds (kept_members and the last three arguments 0) and for what lies
    between.

    Where the crowds differ in size the squares know less than the hypothesis that the
    share is the same: of no member among ten users they conclude that there is no
    variance. Hence the larger of the two, which differ by the last summand.

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
                ({{ members }} * (1 - 2 * {{ p }}) + {{ n }} * {{ p }} * {{ p }})
                / ({{ n }} * {{ n }})
                + ({{ base_members }} * (1 - 2 * {{ p }}) + {{ m }} * {{ p }} * {{ p }})
                / ({{ m }} * {{ m }})
                - 2 * (
                    {{ kept_members }}
                    - {{ p }} * ({{ known_members }} + {{ lasting_members }})
                    + {{ p }} * {{ p }} * {{ both_total }}
                ) / ({{ n }} * {{ m }})
                + greatest(
                    0,
                    (1 - 2 * {{ p }})
                    * ({{ members }} / {{ n }} - {{ base_members }} / {{ m }})
                    * ({{ n }} - {{ m }}) / ({{ n }} * {{ m }})
                )
            )
    end
{%- endmacro %}
