"""What people do: visits, purchases, messages, plan changes, and the planted effects.

What a person does is noted in a journal, a list of `Event` in no order, of which
`delivery` makes rows.
"""

from typing import NamedTuple

from .catalogue import COUPONS, PAGES, PRODUCT_WORDS, SALE_COUPON, as_json
from .dice import Dice
from .people import Device, Person, make_visitor_device
from .timeline import DAY, HOUR, Timeline, day_text, likely_day, time_of_day
from .visits import (
    ACTIONS,
    ANONYMOUS_ACTIONS,
    NO_CONTEXT,
    Event,
    Visit,
    pick_product,
    view,
)

QUIET_PURCHASE_SHARE = 0.2
"""Share of the purchases that still happen in the quiet week."""
QUIET_VISIT_SHARE = 0.5

CAMPAIGN = "spring_winback"
CAMPAIGN_RESPONSE_SHARE = 0.18
"""Chance that a treated lapsing buyer buys because of the campaign."""
CAMPAIGN_RESPONSE_DAYS = 6
"""Mean time until the purchase, which never comes after the campaign's last day."""
LAPSING_AFTER_DAYS = 60
LAPSING_UNTIL_DAYS = 180
LOYAL_WITHIN_DAYS = 60
LOYAL_PURCHASES = 2
LAPSING, FREQUENT = "lapsing_buyers", "frequent_buyers"
TREATMENT, CONTROL = "treatment", "control"

HUNTER_SALE_SHARE = 0.75
"""Chance that a bargain hunter buys in a sale."""
MEMBER_SALE_SHARE = 0.4
"""Chance that anyone else's purchase during a sale is one of sale goods."""
SALE_DISCOUNT_PERCENT = (30, 60)
SALE_COUPON_SHARE = 0.3
COUPON_SHARE = 0.1
COUPON_DISCOUNT = 0.1
EXTRA_UNITS = 0.5
"""Mean of the waiting time whose whole part is added to one unit."""
REFUND_SHARE = 0.04
REFUND_AFTER_DAYS = (2, 14)
ANONYMOUS_START_SHARE = 0.25
OTHER_DEVICE_SHARE = 0.2
SALE_VIEW_SHARE = 0.5
RECHARGE_GAP_DAYS = 30
RECHARGE_AMOUNTS = (10, 15, 20, 30, 50)
LEAD_SECONDS = 900
"""A visit opens so long before the sign-up, purchase or plan change whose moment is
fixed: longer than its other steps can take, so that the date stays the planned one."""
VISIT_LENGTH = 2.0
VISIT_LENGTH_LIMIT = 14

NEWSLETTER_SHARE = 0.45
EMAIL_OPEN_SHARE = 0.3
EMAIL_CLICK_SHARE = 0.2
PUSH_SHARE = 0.4
PUSH_OPEN_SHARE = 0.15
MESSAGES_AFTER_LEAVING_DAYS = 60

VISITOR_SHARE = 0.4
"""Chance of one more visitor who never logs in, for each user."""
VISITOR_LIMIT = 4
BOT_DAYS = 150
BOT_VIEWS_A_DAY = 40


class Purchase(NamedTuple):
    at: int
    is_sale: bool


class Assignment(NamedTuple):
    """One user in the campaign, with what would happen with and without treatment."""

    segment: str
    group: str
    buys_anyway: bool
    would_respond: bool


class Life:
    """One person's events between arrival and leaving."""

    def __init__(self, timeline: Timeline, dice: Dice, person: Person) -> None:
        self.timeline = timeline
        self.dice = dice
        self.person = person
        self.journal: list[Event] = []
        self.assignment: Assignment | None = None
        self.end = min(person.active_until, (timeline.window.last + 1) * DAY - 1)

    def live(self) -> None:
        """Note everything, and the campaign's assignment if there is one."""
        self._arrive()
        purchases = self._purchases()
        self._campaign(purchases)
        for purchase in purchases:
            self._buy(purchase)
        self._browse()
        self._change_plans()
        self._recharge()
        self._newsletters()
        self._pushes()

    # -- visits

    def _device(self, day: int) -> Device:
        person, dice = self.person, self.dice
        if person.app is not None and day >= self.timeline.migration_day:
            return person.app
        if len(person.devices) > 1 and dice.chance(OTHER_DEVICE_SHARE):
            return dice.pick(person.devices[1:])
        return person.devices[0]

    def _open(self, at: int) -> Visit:
        day = at // DAY
        visit = Visit(self.journal, self.dice, self._device(day), at)
        visit.context = visit.device.context(day, self.person.place(day))
        return visit

    def _look_around(self, visit: Visit) -> None:
        for _ in range(self.dice.between(1, 3)):
            self.dice.draw(ANONYMOUS_ACTIONS)(visit, self.person)

    def _enter(self, at: int) -> Visit:
        """Open a visit and be known in it, sometimes after some anonymous steps."""
        dice, person = self.dice, self.person
        visit = self._open(at)
        anonymous_start = dice.chance(ANONYMOUS_START_SHARE)
        if anonymous_start:
            self._look_around(visit)
        visit.user_id = person.user_id
        if anonymous_start or dice.chance(person.persona.login_share):
            visit.note("login")
        return visit

    def _arrive(self) -> None:
        """Anonymous visits, then the sign-up, for those who are new in the window."""
        person, dice = self.person, self.dice
        if person.signed_up_at < person.active_from:
            return
        for _ in range(dice.between(0, 2)):
            at = person.signed_up_at - HOUR - int(dice.wait(4 * DAY))
            self._look_around(self._open(at))
        visit = self._open(person.signed_up_at - LEAD_SECONDS)
        self._look_around(visit)
        visit.user_id = person.user_id
        visit.at = person.signed_up_at
        visit.note("signup", f'{{"plan":"{person.first_plan}"}}')

    def _skips(self, day: int, still_share: float) -> bool:
        """The quiet week: those who are buyers stay away, the others do not notice."""
        if day not in self.timeline.quiet_week:
            return False
        buys = self.person.persona.purchase_gap_days or self.person.persona.buys_once
        return bool(buys) and not self.dice.chance(still_share)

    def _browse(self) -> None:
        person, dice = self.person, self.dice
        gap = person.persona.visit_gap_days
        at = float(person.active_from)
        while (at := at + dice.wait(gap) * DAY) < self.end:
            day = likely_day(dice, int(at) // DAY)
            if not self._skips(day, QUIET_VISIT_SHARE):
                self._browse_once(day)

    def _browse_once(self, day: int) -> None:
        dice, person = self.dice, self.person
        at = day * DAY + time_of_day(dice)
        if at < person.active_from:
            return
        visit = self._enter(at)
        if self.timeline.has_sale(day) and dice.chance(SALE_VIEW_SHARE):
            view(visit, person.favourite_category, "sale_viewed")
        for _ in range(min(VISIT_LENGTH_LIMIT, 1 + int(dice.wait(VISIT_LENGTH)))):
            dice.draw(ACTIONS)(visit, person)

    # -- purchases

    def _purchases(self) -> list[Purchase]:
        """When this person buys without any campaign, in order."""
        person, persona = self.person, self.person.persona
        if persona.buys_once:
            moments = [person.only_purchase_at]
        elif persona.only_in_sales:
            moments = self._hunt()
        elif persona.purchase_gap_days:
            moments = self._buy_now_and_then(self.end)
        else:
            moments = []
        return [
            Purchase(at, self._is_sale(at // DAY))
            for at in sorted(moments)
            if person.active_from + LEAD_SECONDS <= at <= self.end
            and not self._skips(at // DAY, QUIET_PURCHASE_SHARE)
        ]

    def _buy_now_and_then(self, until: int) -> list[int]:
        dice = self.dice
        gap = self.person.persona.purchase_gap_days
        # Somewhere in the first gap, for existing users are in the middle of one.
        at = self.person.active_from + HOUR + dice.random() * gap * DAY
        moments = []
        while at < until:
            day = likely_day(dice, int(at) // DAY)
            moments.append(day * DAY + time_of_day(dice))
            at += dice.steady_wait(gap) * DAY
        return moments

    def _hunt(self) -> list[int]:
        """Full-price purchases before the sale week, then only in sales."""
        dice, turning_day = self.dice, self.timeline.sale_week.first
        moments = self._buy_now_and_then(min(self.end, turning_day * DAY))
        moments = [at for at in moments if at < turning_day * DAY]
        for sale in self.timeline.sales:
            if sale.first >= turning_day and dice.chance(HUNTER_SALE_SHARE):
                day = dice.between(sale.first, sale.last)
                moments.append(day * DAY + time_of_day(dice))
        return moments

    def _is_sale(self, day: int) -> bool:
        if not self.timeline.has_sale(day):
            return False
        hunts = self.person.persona.only_in_sales
        return (hunts and day >= self.timeline.sale_week.first) or self.dice.chance(
            MEMBER_SALE_SHARE
        )

    def _buy(self, purchase: Purchase) -> None:
        dice, person = self.dice, self.person
        visit = self._enter(purchase.at - LEAD_SECONDS)
        for _ in range(dice.between(1, 3)):
            name = "sale_viewed" if purchase.is_sale else "product_viewed"
            view(visit, person.favourite_category, name)
        product = pick_product(dice, person.favourite_category)
        words = PRODUCT_WORDS[product]
        visit.note("product_added_to_cart", f"{{{words}}}")
        discount_share, coupon = self._discount(purchase.is_sale)
        quantity = 1 + int(dice.wait(EXTRA_UNITS))
        unit_price = product.price_cents * person.persona.basket * dice.spread()
        price = int(unit_price) * quantity
        discount = int(price * discount_share)
        visit.at = purchase.at
        order = f'"order_id":"o-{person.user_id}-{purchase.at:x}",{words}'
        visit.note(
            "purchase",
            f'{{{order},"discount_amount":{discount / 100},'
            f'"is_sale":{"true" if purchase.is_sale else "false"},'
            f'"coupon":{as_json(coupon)}}}',
            revenue=(price - discount) / 100,
            quantity=quantity,
        )
        if dice.chance(REFUND_SHARE):
            self._refund(visit.at, order, (price - discount) / 100)

    def _discount(self, is_sale: bool) -> tuple[float, str | None]:
        """Share of the price taken off, and the coupon used."""
        dice = self.dice
        if is_sale:
            coupon = SALE_COUPON if dice.chance(SALE_COUPON_SHARE) else None
            return dice.between(*SALE_DISCOUNT_PERCENT) / 100, coupon
        if dice.chance(COUPON_SHARE):
            return COUPON_DISCOUNT, dice.pick(COUPONS)
        return 0.0, None

    def _refund(self, bought_at: int, order: str, paid: float) -> None:
        days = self.dice.between(*REFUND_AFTER_DAYS)
        visit = self._open(bought_at + days * DAY + self.dice.between(-HOUR, HOUR))
        visit.user_id = self.person.user_id
        visit.note("refund", f"{{{order}}}", revenue=-paid)

    # -- the campaign

    def _campaign(self, purchases: list[Purchase]) -> None:
        """Assign by chance; treatment adds purchases among lapsing buyers only.

        Whether someone would respond is drawn in both groups, so that the true effect
        is known and not only estimated.
        """
        dice, period = self.dice, self.timeline.campaign
        segment = self._campaign_segment(purchases)
        if segment is None:
            return
        group = TREATMENT if dice.chance(0.5) else CONTROL
        response_at = self._response_moment()
        responds = dice.chance(CAMPAIGN_RESPONSE_SHARE) and segment == LAPSING
        # A bargain hunter buys in sales only, whatever the campaign says.
        responds = responds and not self.person.persona.only_in_sales
        self.assignment = Assignment(
            segment=segment,
            group=group,
            buys_anyway=any(purchase.at // DAY in period for purchase in purchases),
            would_respond=responds,
        )
        self._announce(group)
        if group == TREATMENT and responds:
            purchases.append(Purchase(response_at, is_sale=False))

    def _response_moment(self) -> int:
        period = self.timeline.campaign
        day = period.first + 1 + int(self.dice.wait(CAMPAIGN_RESPONSE_DAYS))
        return min(day, period.last) * DAY + time_of_day(self.dice)

    def _campaign_segment(self, purchases: list[Purchase]) -> str | None:
        timeline, first = self.timeline, self.timeline.campaign.first
        if not (self.person.is_user and timeline.has(timeline.campaign)):
            return None
        ages = [first - purchase.at // DAY for purchase in purchases]
        ages = [age for age in ages if age > 0]
        if sum(age <= LOYAL_WITHIN_DAYS for age in ages) >= LOYAL_PURCHASES:
            return FREQUENT
        if ages and LAPSING_AFTER_DAYS < min(ages) <= LAPSING_UNTIL_DAYS:
            return LAPSING
        return None

    def _announce(self, group: str) -> None:
        at = self.timeline.campaign.first * DAY + 8 * HOUR
        user_id, journal = self.person.user_id, self.journal
        journal.append(
            Event(
                "campaign_assigned", at, user_id, None, NO_CONTEXT,
                f'{{"campaign":"{CAMPAIGN}","group":"{group}"}}', campaign_id=CAMPAIGN,
            )
        )  # fmt: skip
        if group == TREATMENT:
            # A voucher in the account is part of the service: no consent is asked.
            self._email(at + HOUR, CAMPAIGN)

    # -- messages

    def _weeks(self) -> range:
        """The Tuesdays on which this person may get a message."""
        last = self.person.active_until + MESSAGES_AFTER_LEAVING_DAYS * DAY
        last = min(last // DAY, self.timeline.window.last)
        first = self.person.active_from // DAY + 1
        return range(first + (2 - first) % 7, last + 1, 7)

    def _message(self, name: str, at: int, campaign: str, context: tuple) -> None:
        self.journal.append(
            Event(name, at, self.person.user_id, None, context, campaign_id=campaign)
        )

    def _email(self, at: int, campaign: str) -> None:
        dice = self.dice
        self._message("email_delivered", at, campaign, NO_CONTEXT)
        if dice.chance(EMAIL_OPEN_SHARE):
            opened_at = at + int(dice.wait(5 * HOUR))
            self._message("email_opened", opened_at, campaign, NO_CONTEXT)
            if dice.chance(EMAIL_CLICK_SHARE):
                clicked_at = opened_at + dice.between(5, 300)
                self._message("email_clicked", clicked_at, campaign, NO_CONTEXT)

    def _newsletters(self) -> None:
        for day in self._weeks():
            at = day * DAY + 7 * HOUR + self.dice.between(0, HOUR)
            if self.person.consents(at) and self.dice.chance(NEWSLETTER_SHARE):
                self._email(at, f"newsletter_{day_text(day)}")

    def _pushes(self) -> None:
        dice = self.dice
        for day in self._weeks():
            app = self._app(day)
            if app is None or not dice.chance(PUSH_SHARE):
                continue
            at = (day + 2) * DAY + 16 * HOUR + dice.between(0, HOUR)
            context = app.context(day, self.person.place(day))
            campaign = f"push_{day_text(day + 2)}"
            self._message("push_delivered", at, campaign, context)
            if dice.chance(PUSH_OPEN_SHARE):
                opened_at = at + int(dice.wait(HOUR))
                self._message("push_opened", opened_at, campaign, context)

    def _app(self, day: int) -> Device | None:
        person = self.person
        if person.app is not None and day >= self.timeline.migration_day:
            return person.app
        apps = (device for device in person.devices if device.platform != "web")
        return next(apps, None)

    # -- membership

    def _change_plans(self) -> None:
        for change in self.person.plan_changes:
            visit = self._enter(change.at - LEAD_SECONDS)
            visit.at = change.at
            visit.note(
                "plan_changed",
                f'{{"from_plan":"{change.old}","to_plan":"{change.new}"}}',
            )

    def _recharge(self) -> None:
        person, dice = self.person, self.dice
        if person.bank is None:
            return
        at = person.active_from + int(dice.wait(RECHARGE_GAP_DAYS) * DAY)
        while at < self.end:
            visit = self._open(at)
            visit.user_id = person.user_id
            amount = dice.pick(RECHARGE_AMOUNTS)
            visit.note(
                "recharge",
                f'{{"amount":{amount},"bank":{as_json(person.bank)},'
                '"balance_type":"prepaid"}',
            )
            at += int(dice.steady_wait(RECHARGE_GAP_DAYS) * DAY)


def visitors(timeline: Timeline, dice: Dice, person: Person) -> list[Event]:
    """People who never log in; they come from where the household's user lives."""
    journal: list[Event] = []
    number = 0
    while number < VISITOR_LIMIT and dice.chance(VISITOR_SHARE):
        device = make_visitor_device(dice, person.index, number)
        day = dice.between(timeline.window.first, timeline.window.last)
        for _ in range(1 + int(dice.wait(1.0))):
            day = likely_day(dice, day)
            visit = Visit(journal, dice, device, day * DAY + time_of_day(dice))
            visit.context = device.context(day, person.home)
            for _ in range(1 + int(dice.wait(2.0))):
                dice.draw(ANONYMOUS_ACTIONS)(visit, person)
            day += 1 + int(dice.wait(9))
        number += 1
    return journal


def bot(timeline: Timeline, dice: Dice, index: int) -> list[Event]:
    """A crawler: thousands of page views at a machine's pace."""
    device = Device(f"bot_{index:06d}", "web", "desktop", "Linux", "Chrome", 0)
    context = ("web", "desktop", "Linux", "Chrome", None, None, None)
    journal: list[Event] = []
    last = timeline.window.last
    for day in range(max(timeline.window.first, last - BOT_DAYS + 1), last + 1):
        visit = Visit(journal, dice, device, day * DAY + dice.between(0, 20 * HOUR))
        visit.context = context
        for _ in range(BOT_VIEWS_A_DAY):
            page = dice.draw(PAGES)
            visit.note("page_viewed", f'{{"page":"{page}"}}')
    return journal
