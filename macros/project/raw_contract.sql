{#
    The columns of a raw table of the input contract, in order: a list of dictionaries
    with `name`, `type` (text, number, boolean, date or timestamp: how rules compare it)
    and `required`. The same as in scripts/raw_contract.py and in the source definition;
    a test keeps the three equal.

    Arguments: table, 'events' or 'users'.
#}
{% macro raw_contract(table) -%}
    {%- set required = {
        'events': ['event_id', 'event_name', 'occurred_at'],
        'users': ['user_id'],
    } -%}
    {%- set types = {
        'events': {
            'event_id': 'text', 'event_name': 'text', 'occurred_at': 'timestamp',
            'received_at': 'timestamp', 'user_id': 'text', 'anonymous_id': 'text',
            'revenue': 'number', 'quantity': 'number', 'platform': 'text',
            'device_type': 'text', 'os': 'text', 'browser': 'text',
            'app_version': 'text', 'country': 'text', 'city': 'text',
            'campaign_id': 'text', 'properties': 'text',
        },
        'users': {
            'user_id': 'text', 'updated_at': 'timestamp', 'signed_up_at': 'timestamp',
            'first_name': 'text', 'email': 'text', 'gender': 'text', 'country': 'text',
            'city': 'text', 'language': 'text', 'plan': 'text', 'company': 'text',
            'industry': 'text', 'birth_date': 'date', 'company_size': 'number',
            'marketing_consent': 'boolean', 'traits': 'text',
        },
    } -%}
    {%- set columns = [] -%}
    {%- for name, type in types[table].items() -%}
        {%- do columns.append(
            {'name': name, 'type': type, 'required': name in required[table]}
        ) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
