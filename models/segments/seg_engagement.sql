{{ segmentation(
    assignment='overlapping',
    segments=[
        segment('daily_active',
            rule=fact('days_since_last_active', '<', 1),
            description='Did something on the day itself',
            owner='product', min_size=20),
        segment('weekly_active',
            rule=fact('days_since_last_active', '<', 7),
            description='Did something in the last 7 days',
            owner='product', min_size=50),
        segment('monthly_active',
            rule=fact('days_since_last_active', '<', 30),
            description='Did something in the last 30 days',
            owner='product', min_size=50),
        segment('power_user',
            rule=performed('login', at_least=3, within_days=7),
            description='Logged in three times or more in the last 7 days',
            owner='product', min_size=50),
    ]
) }}
