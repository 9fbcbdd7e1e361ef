{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('micro_company',
            rule=fact('company_size', 'between', [1, 9]),
            description='Works for a company of up to 9 people',
            owner='sales', min_size=20),
        segment('small_company',
            rule=fact('company_size', 'between', [10, 49]),
            description='Works for a company of 10 to 49 people',
            owner='sales', min_size=20),
        segment('medium_company',
            rule=fact('company_size', 'between', [50, 249]),
            description='Works for a company of 50 to 249 people',
            owner='sales', min_size=20),
        segment('large_company',
            rule=fact('company_size', '>=', 250),
            description='Works for a company of 250 people or more',
            owner='sales', min_size=20),
    ],
    otherwise='unknown_company_size'
) }}
