{#- The city tells more than the country: who lives in a city of a region is in that
    region, whatever the country. -#}
{%- set regions = {
    'german_speaking': {
        'cities': ['Berlin', 'Hamburg', 'Köln', 'Wien', 'Zürich'],
        'countries': ['DE', 'AT', 'CH'],
    },
    'british_isles': {
        'cities': ['London', 'Stoke-on-Trent, Staffordshire', 'Dublin'],
        'countries': ['GB', 'IE'],
    },
    'western_europe': {
        'cities': ['Paris', 'Saint-Étienne', 'Amsterdam', "'s-Hertogenbosch"],
        'countries': ['FR', 'NL'],
    },
    'southern_europe': {
        'cities': ['Madrid', "L'Aquila"],
        'countries': ['ES', 'IT'],
    },
    'eastern_europe': {
        'cities': ['Łódź'],
        'countries': ['PL'],
    },
} -%}
{%- set known_cities = regions.values() | map(attribute='cities') | sum(start=[]) -%}
{%- set segments = [] -%}
{%- for name, places in regions.items() -%}
    {%- do segments.append(segment(
        name,
        rule=any_of(
            fact('city', 'in', places.cities),
            all_of(
                fact('country', 'in', places.countries),
                fact('city', 'not in', known_cities))),
        description='Lives in ' ~ places.cities | join(', ')
            ~ ' or, where the city is in no region, in '
            ~ places.countries | join(', '),
        owner='crm', min_size=50,
    )) -%}
{%- endfor -%}
{{ segmentation(
    assignment='exclusive',
    segments=segments,
    otherwise='unknown_region'
) }}
