{#- The survey asks for 1 to 10. Bands share their ends, so that nothing falls between
    them: the first rule that holds wins. -#}
{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('satisfied',
            rule=trait('survey.satisfaction', 'between', [8, 10]),
            description='Gave 8 to 10 of 10 points for satisfaction',
            owner='research', min_size=50),
        segment('neutral',
            rule=trait('survey.satisfaction', 'between', [5, 8]),
            description='Gave 5 or more, but less than 8 of 10 points for satisfaction',
            owner='research', min_size=50),
        segment('dissatisfied',
            rule=trait('survey.satisfaction', 'between', [1, 5]),
            description='Gave less than 5 of 10 points for satisfaction',
            owner='research', min_size=50),
    ],
    otherwise='unknown_satisfaction'
) }}
