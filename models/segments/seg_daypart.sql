{#- Who came on two days has no habit yet. -#}
{%- set often_enough = fact('active_day_count_90d', '>=', 3) -%}
{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('night',
            rule=all_of(fact('usual_hour', 'between', [0, 5]), often_enough),
            description='Usually comes between midnight and 6',
            owner='crm'),
        segment('morning',
            rule=all_of(fact('usual_hour', 'between', [6, 11]), often_enough),
            description='Usually comes between 6 and noon',
            owner='crm', min_size=50),
        segment('afternoon',
            rule=all_of(fact('usual_hour', 'between', [12, 17]), often_enough),
            description='Usually comes between noon and 18',
            owner='crm', min_size=50),
        segment('evening',
            rule=all_of(fact('usual_hour', 'between', [18, 23]), often_enough),
            description='Usually comes between 18 and midnight',
            owner='crm', min_size=50),
    ],
    otherwise='no_habit'
) }}
