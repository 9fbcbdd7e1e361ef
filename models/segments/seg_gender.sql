{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('female',
            rule=fact('gender', '=', 'female'),
            description='Says to be female',
            owner='crm', min_size=50),
        segment('male',
            rule=fact('gender', '=', 'male'),
            description='Says to be male',
            owner='crm', min_size=50),
        segment('diverse',
            rule=fact('gender', '=', 'diverse'),
            description='Says to be neither female nor male',
            owner='crm'),
    ],
    otherwise='unknown_gender'
) }}
