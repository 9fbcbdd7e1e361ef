"""One household after another: its people, what they do, and how it arrives.

A household is one user with all that hangs on the same index: visitors who never log
in and, now and then, a staff or test account, a bot, an imported contact. It depends on
its index and the one before only (a shared device), so more users never change earlier
ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .behaviour import Life, bot, visitors
from .delivery import Delivery, EventDelivery, deliver_changes
from .dice import Dice
from .people import SHARED_DEVICE_EVERY, Person, make_person, share_device
from .profiles import CONTACT_EVERY, Change, contact, profile_changes
from .timeline import Timeline
from .truth import Tally

LIFE_STREAM = {"user": 11, "staff": 12, "test": 13}
PROFILE_STREAM = {"user": 21, "staff": 22, "test": 23}
VISITOR_STREAM, BOT_STREAM, CONTACT_STREAM = 31, 32, 33
EVENT_DELIVERY_STREAM, USER_DELIVERY_STREAM = 41, 42

STAFF_EVERY, STAFF_AT = 400, 3
TEST_EVERY, TEST_AT = 400, 7
BOT_EVERY, BOT_AT = 2500, 11
CONTACT_AT = 13


@dataclass
class Shop:
    """The rows of some households, and what was counted in them."""

    events: list[Delivery]
    users: list[Delivery]
    tally: Tally


class Household:
    def __init__(self, timeline: Timeline, seed: int, index: int, tally: Tally) -> None:
        self.timeline = timeline
        self.seed = seed
        self.index = index
        self.tally = tally
        self.delivery = EventDelivery(
            timeline, self._dice(EVENT_DELIVERY_STREAM), index, tally
        )
        self.changes: list[Change] = []

    def _dice(self, stream: int) -> Dice:
        return Dice(self.seed, stream, self.index)

    def simulate(self) -> None:
        user = self._user()
        self._live(user)
        self.delivery.deliver(visitors(self.timeline, self._dice(VISITOR_STREAM), user))
        if self.index % STAFF_EVERY == STAFF_AT:
            self.tally.staff.append(self._live(self._person("staff")))
        if self.index % TEST_EVERY == TEST_AT:
            self.tally.test_accounts.append(self._live(self._person("test")))
        if self.index % BOT_EVERY == BOT_AT:
            self._crawl()
        if self.index % CONTACT_EVERY == CONTACT_AT:
            self.changes.append(
                contact(self.timeline, self._dice(CONTACT_STREAM), self.index)
            )
        self.delivery.add_broken()

    def user_rows(self) -> list[Delivery]:
        dice = self._dice(USER_DELIVERY_STREAM)
        return deliver_changes(self.changes, dice, self.index, self.tally)

    def _user(self) -> Person:
        user = self._person("user")
        if self.index % SHARED_DEVICE_EVERY == SHARED_DEVICE_EVERY - 1:
            neighbour = make_person(self.seed, self.timeline, self.index - 1, "user")
            share_device(user, neighbour)
        return user

    def _person(self, kind: str) -> Person:
        return make_person(self.seed, self.timeline, self.index, kind)

    def _live(self, person: Person) -> str:
        """Simulate a person's events and profile; return the user_id."""
        life = Life(self.timeline, self._dice(LIFE_STREAM[person.kind]), person)
        life.live()
        arrived = self.delivery.deliver(life.journal)
        if person.is_user:
            self.tally.observe(self.timeline, person, arrived, life.assignment)
        dice = self._dice(PROFILE_STREAM[person.kind])
        self.changes += profile_changes(self.timeline, dice, person)
        return person.user_id

    def _crawl(self) -> None:
        crawled = bot(self.timeline, self._dice(BOT_STREAM), self.index)
        self.delivery.deliver(crawled)
        self.tally.bots.append(crawled[0].anonymous_id)


def simulate(timeline: Timeline, seed: int, indexes: Iterable[int]) -> Shop:
    """All households of these indexes."""
    shop = Shop([], [], Tally())
    for index in indexes:
        household = Household(timeline, seed, index, shop.tally)
        household.simulate()
        shop.events += household.delivery.rows
        shop.users += household.user_rows()
    return shop
