{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('loyal_shopper',
            rule=performed('purchase', at_least=2, within_days=60),
            description='Purchased at least twice in the last 60 days',
            owner='crm', min_size=50),
        segment('new',
            rule=fact('tenure_days', '<', 30),
            description='Seen for the first time in the last 30 days',
            owner='crm', min_size=50),
        segment('dormant',
            rule=all_of(
                performed('purchase'),
                not_performed('purchase', within_days=180)),
            description='Purchased once or more, but not in the last 180 days',
            owner='crm', min_size=50),
        segment('at_risk',
            rule=all_of(
                performed('purchase', exactly=1),
                not_performed('purchase', within_days=90)),
            description='Purchased exactly once, 90 to 179 days ago',
            owner='crm', min_size=50),
        segment('active',
            rule=performed('purchase', within_days=180),
            description='Every other buyer of the last 180 days',
            owner='crm', min_size=50),
    ],
    otherwise='prospect'
) }}
