"""Raw data of any size for the benchmark: a year of a shop, as one file per day.

Nothing is random: every choice is the hash of a number, so that the same size is the
same data everywhere. What makes data slow or wrong is in it: activity is skewed (the
busiest tenth of the users has over a quarter of the events), users come and go,
sessions have several events within an hour, a fifth of them is anonymous until a login,
one event in a hundred is delivered twice, and one in two hundred arrives one to three
days late.
"""

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

LAST_DAY = date(2026, 6, 30)
DAYS = 365
EVENTS_PER_SESSION = 4


@dataclass(frozen=True)
class Scale:
    """The size of a data set."""

    events: int
    users: int

    @property
    def sessions(self):
        return self.events // EVENTS_PER_SESSION


def make(folder: Path, scale: Scale):
    """Write users.parquet and events/<day of arrival>.parquet below the folder.

    The folder ends up with a mark of the size, written last: what has it is whole, and
    made only once.
    """
    mark = folder / "scale.txt"
    if mark.exists() and mark.read_text() == str(scale):
        return
    mark.unlink(missing_ok=True)
    (folder / "events").mkdir(parents=True, exist_ok=True)
    database = folder / "making.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        _make_users(connection, folder, scale)
        connection.execute(f"create table sessions as {_sessions(scale)}")
        for number in range(DAYS):
            _write_day(connection, folder, LAST_DAY - timedelta(days=number))
    database.unlink()
    mark.write_text(str(scale))


def lot(key, name):
    """SQL for a number from 0 to under 1 that the key and the name decide."""
    salt = zlib.crc32(name.encode()) << 30
    return f"((hash({key} + {salt}) >> 11) / 9007199254740992.0)"


def one_of(values, key, name):
    """SQL for one of the values, each as likely as it is often in the list."""
    literals = ", ".join(f"'{value}'" for value in values)
    return f"([{literals}])[1 + cast(floor({lot(key, name)} * {len(values)}) as int)]"


def _make_users(connection, folder, scale):
    first_day = LAST_DAY - timedelta(days=DAYS - 1)
    connection.execute(f"""
        create table users as
        select
            number as user_number,
            'u' || number as user_id,
            -- Half were there before the year began; people stay ten days to a year.
            case when {lot("number", "came")} < 0.5 then 0
                else cast(floor({lot("number", "day")} * 350) as integer)
            end as first_day,
            10 + cast(floor(power({lot("number", "stays")}, 2) * {DAYS}) as integer)
                as days_here
        from range({scale.users}) as numbers(number)
    """)
    connection.execute(f"""
        copy (
            select
                user_id,
                cast('{first_day}' as timestamp) + to_days(first_day) as updated_at,
                cast('{first_day}' as timestamp) + to_days(first_day) as signed_up_at,
                'Name' || user_number as first_name,
                {one_of(["female", "male"], "user_number", "gender")} as gender,
                {one_of(["DE", "DE", "FR", "US"], "user_number", "country")} as country,
                {one_of(["free", "free", "basic", "premium"], "user_number", "plan")}
                    as plan,
                {lot("user_number", "consent")} < 0.6 as marketing_consent
            from users
            order by user_number
        ) to '{folder}/users.parquet' (format parquet, compression zstd)
    """)


def _sessions(scale):
    """Who came on which day, at what time, and how many events followed."""
    return f"""
        select
            drawn.session_number,
            users.user_number,
            -- One device in fifty has two users.
            case when users.user_number % 50 = 1
                then users.user_number - 1 else users.user_number end as device_number,
            {lot("session_number", "known")} < 0.2 as is_anonymous,
            1 + cast(floor({lot("session_number", "size")}
                * {2 * EVENTS_PER_SESSION - 1}) as integer) as event_count,
            cast('{LAST_DAY - timedelta(days=DAYS - 1)}' as date)
                + users.first_day
                + cast(floor(
                    {lot("session_number", "date")}
                    * least(users.days_here, {DAYS} - users.first_day)
                ) as integer) as session_date,
            -- No session goes past midnight.
            cast(floor(85000 * {lot("session_number", "time")}) as integer)
                as session_second
        from (
            select
                number as session_number,
                cast(floor({scale.users} * power({lot("number", "user")}, 2)) as bigint)
                    as user_number
            from range({scale.sessions}) as numbers(number)
        ) as drawn
        inner join users on drawn.user_number = users.user_number
    """


def _write_day(connection, folder, day):
    """Write what arrived on one day: most of its own events, and late ones."""
    names = ["page_viewed"] * 9 + ["product_viewed"] * 5 + ["product_added_to_cart"] * 2
    names += ["search"] * 2 + ["login", "purchase"]
    categories = ["shoes", "books", "garden", "toys", "music", "food", "sport", "home"]
    connection.execute(f"""
        copy (
            with

            drawn as (
                select
                    *,
                    case when position = 3 and is_anonymous then 'login'
                        else {one_of(names, "event_number", "name")}
                    end as event_name,
                    cast(session_date as timestamp)
                        + to_seconds(session_second + position * 97) as occurred_at,
                    case when {lot("event_number", "late")} < 0.005
                        then 1 + cast(floor(
                            3 * {lot("event_number", "by")}
                        ) as integer)
                        else 0
                    end as days_late
                from (
                    select *, session_number * 16 + position as event_number
                    from (
                        select *, unnest(range(event_count)) as position
                        from sessions
                        where session_date between date '{day}' - 4 and date '{day}'
                    )
                )
            ),

            deliveries as (
                select
                    *,
                    occurred_at + to_days(days_late) + to_seconds(90 * copy)
                        as received_at
                from (
                    select
                        *,
                        unnest(range(
                            case when {lot("event_number", "twice")} < 0.01
                                then 2 else 1 end
                        )) as copy
                    from drawn
                )
            )

            select
                'e' || event_number as event_id,
                event_name,
                occurred_at,
                received_at,
                case when not is_anonymous or event_name = 'login'
                    then 'u' || user_number end as user_id,
                'd' || device_number as anonymous_id,
                case when event_name = 'purchase' then cast(
                    5 + floor(power({lot("event_number", "revenue")}, 3) * 20000) / 100
                    as decimal(18, 4)
                ) end as revenue,
                case when event_name = 'purchase' then 1 end as quantity,
                {one_of(["web", "web", "ios", "android"], "device_number", "platform")}
                    as platform,
                {one_of(["desktop", "mobile"], "device_number", "device")}
                    as device_type,
                {one_of(["Windows", "iOS", "Android"], "device_number", "os")} as os,
                {one_of(["Firefox", "Chrome", "Safari"], "device_number", "browser")}
                    as browser,
                {one_of(["DE", "DE", "FR", "US"], "user_number", "country")} as country,
                case when event_name in
                    ('product_viewed', 'product_added_to_cart', 'purchase')
                    then '{{"category": "'
                        || {one_of(categories, "event_number", "category")} || '"}}'
                end as properties
            from deliveries
            where cast(received_at as date) = date '{day}'
            order by received_at, event_id
        ) to '{folder}/events/{day}.parquet' (format parquet, compression zstd)
    """)
