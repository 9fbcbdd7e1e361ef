{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('email',
            rule=fact('preferred_channel', '=', 'email'),
            description='Answers e-mails more often than other messages',
            owner='crm', min_size=50),
        segment('push',
            rule=fact('preferred_channel', '=', 'push'),
            description='Answers push messages more often than others',
            owner='crm', min_size=50),
    ],
    otherwise='no_preference'
) }}
