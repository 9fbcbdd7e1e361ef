{#- Where the day of birth is not known a trait may tell the band: the variable
    age_band_trait names it, the last entry of a line says how it writes the band. -#}
{%- set band_trait = var('age_band_trait', none) -%}
{%- set segments = [] -%}
{%- for name, youngest, oldest, words in [
    ('under_18', 0, 17, ['0-17', '<18']),
    ('from_18_to_24', 18, 24, ['18-24', '19-24']),
    ('from_25_to_34', 25, 34, ['25-34']),
    ('from_35_to_44', 35, 44, ['35-44']),
    ('from_45_to_54', 45, 54, ['45-54']),
    ('from_55_to_64', 55, 64, ['55-64']),
    ('from_65', 65, 130, ['65+']),
] -%}
    {%- do segments.append(segment(
        name,
        rule=any_of(
            fact('age_years', 'between', [youngest, oldest]),
            all_of(fact('age_years', 'is not set'), trait(band_trait, 'in', words)),
        ) if band_trait else fact('age_years', 'between', [youngest, oldest]),
        description='Is ' ~ youngest ~ ' to ' ~ oldest ~ ' years old',
        owner='crm',
    )) -%}
{%- endfor -%}
{{ segmentation(
    assignment='exclusive',
    segments=segments,
    otherwise='unknown_age'
) }}
