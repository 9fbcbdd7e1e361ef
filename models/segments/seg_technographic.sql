{{ segmentation(
    assignment='exclusive',
    segments=[
        segment('ios_app',
            rule=fact('last_platform', '=', 'ios'),
            description='Last seen in the app on iOS',
            owner='product', min_size=50),
        segment('android_app',
            rule=fact('last_platform', '=', 'android'),
            description='Last seen in the app on Android',
            owner='product', min_size=50),
        segment('mobile_web',
            rule=fact('last_device_type', 'in', ['mobile', 'tablet']),
            description='Last seen on the website on a phone or tablet',
            owner='product', min_size=50),
        segment('desktop_web',
            rule=fact('last_device_type', '=', 'desktop'),
            description='Last seen on the website on a computer',
            owner='product', min_size=50),
    ],
    otherwise='unknown_device'
) }}
