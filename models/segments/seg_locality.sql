{#- Where somebody was months ago does not tell where they are. -#}
{%- set seen_lately = fact('days_since_last_active', '<', 30) -%}
{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('at_home',
            rule=all_of('last_city = city', seen_lately),
            description='Seen in the last 30 days, last in the city of the profile',
            owner='crm', min_size=50),
        segment('away',
            rule=all_of('last_city <> city', seen_lately),
            description='Seen in the last 30 days, last in another city than that of '
                ~ 'the profile',
            owner='crm'),
    ],
    otherwise='unknown_place'
) }}
