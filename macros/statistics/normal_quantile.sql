{#
    The quantile of the standard normal distribution: the value below which a share of
    it lies, 1.959964 for 0.975. Null for 0, 1 and what is outside of them.

    Three quotients of polynomials, for the middle, the tails and the far tails
    (Wichura 1988, algorithm AS 241, PPND16); relative error below 1e-15, but near 1 a
    double itself holds only so much of the distance to 1.

    Arguments: probability, SQL. It is repeated in each polynomial: give a column.
    Example: {{ normal_quantile('1 - false_alarm_rate / 2') }}
#}
{% macro normal_quantile(probability) -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set p -%} cast({{ probability }} as {{ double }}) {%- endset -%}
    {%- set from_middle -%} ({{ p }} - 0.5) {%- endset -%}
    {%- set square -%} (0.180625 - {{ from_middle }} * {{ from_middle }}) {%- endset -%}
    {%- set tail -%} sqrt(-ln(least({{ p }}, 1 - {{ p }}))) {%- endset -%}
    case
        when {{ p }} <= 0 or {{ p }} >= 1 then null
        when abs({{ from_middle }}) <= 0.425
            then {{ from_middle }} * {{ user_segmentation._quotient(square, [
                '3.3871328727963666080', '133.14166789178437745',
                '1971.5909503065514427', '13731.693765509461125',
                '45921.953931549871457', '67265.770927008700853',
                '33430.575583588128105', '2509.0809287301226727',
            ], [
                '1.0', '42.313330701600911252', '687.18700749205790830',
                '5394.1960214247511077', '21213.794301586595867',
                '39307.895800092710610', '28729.085735721942674',
                '5226.4952788528545610',
            ]) }}
        when {{ tail }} <= 5
            then sign({{ from_middle }}) * {{ user_segmentation._quotient(
                '(' ~ tail ~ ' - 1.6)',
                [
                    '1.42343711074968357734', '4.63033784615654529590',
                    '5.76949722146069140550', '3.64784832476320460504',
                    '1.27045825245236838258', '0.241780725177450611770',
                    '0.0227238449892691845833', '0.00077454501427834140764',
                ], [
                    '1.0', '2.05319162663775882187', '1.67638483018380384940',
                    '0.689767334985100004550', '0.148103976427480074590',
                    '0.0151986665636164571966', '0.00054759380849953447580',
                    '0.00000000105075007164441684324',
                ]
            ) }}
        else sign({{ from_middle }}) * {{ user_segmentation._quotient(
            '(' ~ tail ~ ' - 5.0)',
            [
                '6.65790464350110377720', '5.46378491116411436990',
                '1.78482653991729133580', '0.296560571828504891230',
                '0.0265321895265761230930', '0.00124266094738807843860',
                '0.0000271155556874348757815', '0.000000201033439929228813265',
            ], [
                '1.0', '0.599832206555887937690', '0.136929880922735805310',
                '0.0148753612908506148525', '0.00078686913114561329060',
                '0.0000184631831751005468180', '0.000000142151175831644588870',
                '0.0000000000000020442631033899397',
            ]
        ) }}
    end
{%- endmacro %}

{# One polynomial by another; coefficients from the constant upwards. #}
{% macro _quotient(value, above, below) -%}
    {{ user_segmentation._polynomial(value, above) }}
    / {{ user_segmentation._polynomial(value, below) }}
{%- endmacro %}

{#
    A polynomial as nested products. The coefficients are texts, since numbers of Jinja
    may be printed with an exponent, and doubles, since decimals would overflow.
#}
{% macro _polynomial(value, coefficients) -%}
    {%- set double = user_segmentation.type_double() -%}
    {%- set nested = [] -%}
    {%- for coefficient in coefficients | reverse -%}
        {%- set number -%} cast({{ coefficient }} as {{ double }}) {%- endset -%}
        {%- do nested.append(
            number if not nested
            else '(' ~ nested.pop() ~ ' * ' ~ value ~ ' + ' ~ number ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return(nested[0]) }}
{%- endmacro %}
