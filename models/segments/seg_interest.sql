{%- set segments = [] -%}
{%- for category in [
    'shoes', 'outdoor', 'home', 'beauty', 'kids', 'electronics', 'books',
] -%}
    {%- do segments.append(segment(
        category,
        rule=all_of(
            fact('favourite_category', '=', category),
            fact('favourite_category_affinity_share', '>=', 0.5)),
        description='At least half of the interest in products is in ' ~ category,
        owner='content', min_size=50,
    )) -%}
{%- endfor -%}
{{ segmentation(
    assignment='exclusive',
    segments=segments,
    otherwise='no_clear_interest'
) }}
