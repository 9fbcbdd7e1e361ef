{#- Versions are texts, and as text 9.0 is above 23.0: patterns of the first number tell
    which are current. The number moves on with what is supported. -#}
{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('current_app',
            rule=fact('last_app_version', 'matches',
                '^(2[3-9]|[3-9][0-9]|[1-9][0-9][0-9]+)([.]|$)'),
            description='Used the app last in version 23 or later',
            owner='product', min_size=50),
        segment('outdated_app',
            rule=fact('last_app_version', 'matches', '^[0-9]+([.]|$)'),
            description='Used the app last in a version before 23',
            owner='product', min_size=50),
    ],
    otherwise='no_app'
) }}
