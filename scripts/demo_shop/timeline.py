"""When things happen: the window of the data, sales, planted weeks, weekdays and hours.

A day is its ordinal (`date.toordinal()`) and an instant the seconds since day 0, both
plain whole numbers, because a million `datetime` objects would cost more than all else.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from .dice import Dice, Weighted

DAY = 86_400
HOUR = 3_600

# Planted weeks, counted back from the week of the last day. Sale weekends lie in even
# weeks, so that none falls into the quiet week or the week of the assignment.
SALE_WEEK = 23
QUIET_WEEK = 15
MIGRATION_WEEK = 10
CAMPAIGN_WEEK = 7
CAMPAIGN_OUTCOME_DAYS = 28
SALE_WEEKENDS_AFTER = range(SALE_WEEK - 3, 0, -2)
SALE_WEEKENDS_BEFORE_EVERY = 8

WEEKDAY_KEEPS = (0.72, 0.68, 0.70, 0.74, 0.80, 1.00, 0.94)
"""How likely a visit stays on its day, Monday first; else it moves to the next one."""
HOUR_WEIGHTS = (
    6, 3, 2, 1, 1, 2, 8, 18, 26, 30, 34, 38,
    48, 42, 34, 32, 34, 42, 54, 66, 74, 68, 44, 18,
)  # fmt: skip
"""How many visits and purchases begin in each hour of the day, UTC."""
_HOURS = Weighted(dict(enumerate(HOUR_WEIGHTS)))

_TIME_TEXT = tuple(
    f"{second // HOUR:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    for second in range(DAY)
)


@cache
def day_text(day: int) -> str:
    return date.fromordinal(day).isoformat()


def instant_text(at: int) -> str:
    """`YYYY-MM-DD HH:MM:SS`, UTC."""
    return f"{day_text(at // DAY)} {_TIME_TEXT[at % DAY]}"


def time_of_day(dice: Dice) -> int:
    """Seconds since midnight, by the hours in which people shop."""
    return dice.draw(_HOURS) * HOUR + dice.between(0, HOUR - 1)


def likely_day(dice: Dice, day: int) -> int:
    """The day itself, or one of the next when its weekday is a weak one."""
    while not dice.chance(WEEKDAY_KEEPS[(day - 1) % 7]):
        day += 1
    return day


@dataclass(frozen=True)
class Period:
    """Days from first to last, both included."""

    first: int
    last: int

    def __contains__(self, day: int) -> bool:
        return self.first <= day <= self.last

    def dates(self) -> dict[str, str]:
        return {"start_date": day_text(self.first), "end_date": day_text(self.last)}


@dataclass(frozen=True)
class Timeline:
    """The window of the data and all that is planted in it."""

    window: Period
    sale_week: Period
    sales: tuple[Period, ...]
    quiet_week: Period
    migration_day: int
    campaign: Period

    @classmethod
    def ending(cls, until: date, months: int) -> "Timeline":
        first = _months_back(until + timedelta(days=1), months).toordinal()
        last = until.toordinal()
        monday = last - (last - 1) % 7
        sale_week = _week(monday, SALE_WEEK)
        campaign_day = monday - 7 * CAMPAIGN_WEEK
        return cls(
            window=Period(first, last),
            sale_week=sale_week,
            sales=_sales(first, monday, sale_week),
            quiet_week=_week(monday, QUIET_WEEK),
            migration_day=monday - 7 * MIGRATION_WEEK,
            campaign=Period(campaign_day, campaign_day + CAMPAIGN_OUTCOME_DAYS - 1),
        )

    def has_sale(self, day: int) -> bool:
        return any(day in sale for sale in self.sales)

    def has(self, period: Period) -> bool:
        return period.first in self.window and period.last in self.window


def _months_back(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last_of_month = (date(year, month + 1, 28) + timedelta(days=4)).replace(day=1)
    longest = (last_of_month - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, longest))


def _week(monday: int, weeks_back: int) -> Period:
    first = monday - 7 * weeks_back
    return Period(first, first + 6)


def _sales(first: int, monday: int, sale_week: Period) -> tuple[Period, ...]:
    """The sale week, weekends every second week after it and now and then before."""
    every = 7 * SALE_WEEKENDS_BEFORE_EVERY
    mondays = [monday - 7 * back for back in SALE_WEEKENDS_AFTER]
    mondays += range(sale_week.first - every, first - 7, -every)
    weekends = [Period(day + 4, day + 6) for day in mondays]
    return tuple(sorted([sale_week, *weekends], key=lambda sale: sale.first))
