{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('top_1_percent',
            rule=top_percent('positive_revenue_365d', 1),
            description='Is in the top 1 % of buyers by the revenue of 365 days',
            owner='crm'),
        segment('top_5_percent',
            rule=top_percent('positive_revenue_365d', 5),
            description='Is in the top 5 % of buyers by the revenue of 365 days, but '
                ~ 'not in the top 1 %',
            owner='crm', min_size=50),
        segment('top_20_percent',
            rule=top_percent('positive_revenue_365d', 20),
            description='Is in the top 20 % of buyers by the revenue of 365 days, but '
                ~ 'not in the top 5 %',
            owner='crm', min_size=50),
        segment('other_buyers',
            rule=fact('positive_revenue_365d', 'is set'),
            description='Brought revenue in the last 365 days, less than the top 20 %',
            owner='crm', min_size=50),
    ],
    otherwise='no_revenue'
) }}
