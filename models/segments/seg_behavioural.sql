{{ segmentation(
    assignment='overlapping',
    segments=[
        segment('browsed_brand_not_bought',
            rule=all_of(
                performed('product_viewed', within_days=30,
                    where={'brand': 'Nordlauf', 'category': 'shoes'}),
                not_performed('purchase', within_days=30,
                    where={'brand': 'Nordlauf', 'category': 'shoes'})),
            description='Viewed shoes of Nordlauf in the last 30 days and bought none',
            owner='crm', min_size=20),
        segment('browsed_not_bought',
            rule=all_of(
                performed('product_viewed', within_days=30),
                not_performed('purchase', within_days=30)),
            description='Viewed a product in the last 30 days and bought nothing',
            owner='crm', min_size=20),
        segment('cart_abandoned',
            rule=performed_without(
                'product_added_to_cart', 'purchase', within_days=14),
            description='Put something into the cart in the last 14 days and has not '
                ~ 'purchased since',
            owner='crm', min_size=20),
        segment('bargain_hunter',
            rule=all_of(
                performed('purchase', at_least=2, within_days=120,
                    where={'is_sale': true}),
                not_performed('purchase', within_days=120,
                    where={'is_sale': ['!=', true]}),
                performed('purchase', measure='avg', of='revenue', at_most=40,
                    within_days=120)),
            description='Purchased at least twice in the last 120 days, in sales only, '
                ~ '40 or less on average',
            owner='crm', min_size=20),
        segment('feature_adopter_not_upgraded',
            rule=all_of(
                performed('feature_used', measure='distinct', of='feature', at_least=3,
                    within_days=90),
                fact('plan', 'in', ['free', 'basic'])),
            description='Used three features or more in the last 90 days on the free '
                ~ 'or the basic plan',
            owner='product', min_size=20),
        segment('basic_to_premium',
            rule=performed('plan_changed', within_days=90,
                where={'from_plan': 'basic', 'to_plan': 'premium'}),
            description='Changed from basic to premium in the last 90 days',
            owner='product', min_size=20),
        segment('recharged_with_bank',
            rule=all_of(
                performed('recharge', within_days=15, where={'bank': 'Nordbank'}),
                trait('account_type', '=', 'prepaid'),
                none_of(in_segment('seg_lifecycle', 'loyal_shopper'))),
            description='Recharged a prepaid account by Nordbank in the last 15 days '
                ~ 'and is no loyal shopper',
            owner='payments'),
        segment('listened_to_artist',
            rule=performed('song_played', within_days=30,
                where={'artist': "The O'Days"}),
            description="Played a song of The O'Days in the last 30 days",
            owner='content', min_size=20),
    ]
) }}
