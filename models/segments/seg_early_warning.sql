{#- Lifecycle calls everyone at risk after the same 90 days. Here the user's own rhythm
    counts: who purchases every week is noticed after two. -#}
{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('overdue',
            rule=all_of(
                fact('purchase_gap_ratio', '>=', 2),
                fact('days_since_last_purchase', '<', 90)),
            description='Has not purchased for twice the usual gap or longer, but in '
                ~ 'the last 90 days',
            owner='crm', min_size=20),
        segment('lapsed',
            rule=fact('purchase_gap_ratio', '>=', 2),
            description='Has not purchased for twice the usual gap or longer, nor in '
                ~ 'the last 90 days: too late to warn',
            owner='crm', min_size=20),
        segment('slipping',
            rule=fact('purchase_gap_ratio', '>=', 1.25),
            description='Has not purchased for 1.25 times the usual gap or longer',
            owner='crm', min_size=20),
        segment('on_rhythm',
            rule=fact('purchase_gap_ratio', 'is set'),
            description='Purchased within 1.25 times the usual gap',
            owner='crm', min_size=20),
    ],
    otherwise='no_rhythm'
) }}
