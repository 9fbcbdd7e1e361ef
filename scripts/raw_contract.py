"""The raw input contract in one place for every script that writes raw data.

Two tables, `events` (one row per event delivery) and `users` (one row per user and
profile change), as Parquet files in one folder. The columns, their order and their DuckDB
types are those of the source definition in `models/staging/_staging__sources.yml`; a test
keeps the two equal.
"""

EVENT_COLUMNS = {
    "event_id": "varchar",
    "event_name": "varchar",
    "occurred_at": "timestamp",
    "received_at": "timestamp",
    "user_id": "varchar",
    "anonymous_id": "varchar",
    "revenue": "decimal(18,4)",
    "quantity": "integer",
    "platform": "varchar",
    "device_type": "varchar",
    "os": "varchar",
    "browser": "varchar",
    "app_version": "varchar",
    "country": "varchar",
    "city": "varchar",
    "campaign_id": "varchar",
    "properties": "varchar",
}
"""Columns of raw `events`: name to DuckDB type. `properties` is a JSON object as text."""

USER_COLUMNS = {
    "user_id": "varchar",
    "updated_at": "timestamp",
    "signed_up_at": "timestamp",
    "first_name": "varchar",
    "email": "varchar",
    "gender": "varchar",
    "country": "varchar",
    "city": "varchar",
    "language": "varchar",
    "plan": "varchar",
    "company": "varchar",
    "industry": "varchar",
    "birth_date": "date",
    "company_size": "integer",
    "marketing_consent": "boolean",
    "traits": "varchar",
}
"""Columns of raw `users`: name to DuckDB type. `traits` is a JSON object as text."""
