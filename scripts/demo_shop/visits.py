"""Visits: bursts of events on one device, and the single steps they are made of."""

from typing import NamedTuple

from .catalogue import (
    CATEGORIES,
    CHAT_TOPICS,
    FEATURES,
    PAGES,
    PRODUCT_WORDS,
    PRODUCTS,
    SEARCHES,
    SONGS,
    WORKOUTS,
    Product,
    as_json,
)
from .dice import Dice, Weighted
from .people import Device, Person

FAVOURITE_CATEGORY_SHARE = 0.6
SECONDS_BETWEEN_STEPS = (4, 83)


class Event(NamedTuple):
    """What happened; how it is delivered is decided later."""

    name: str
    at: int
    user_id: str | None
    anonymous_id: str | None
    context: tuple[str | None, ...]
    properties: str | None = None
    revenue: float | None = None
    quantity: int | None = None
    campaign_id: str | None = None


NO_CONTEXT = (None,) * 7


class Visit:
    """A burst of events on one device within minutes."""

    def __init__(
        self, journal: list[Event], dice: Dice, device: Device, at: int
    ) -> None:
        self.journal = journal
        self.dice = dice
        self.device = device
        self.at = at
        self.user_id: str | None = None
        self.context: tuple[str | None, ...] = NO_CONTEXT

    def note(
        self,
        name: str,
        properties: str | None = None,
        revenue: float | None = None,
        quantity: int | None = None,
    ) -> None:
        self.journal.append(
            Event(
                name, self.at, self.user_id, self.device.anonymous_id, self.context,
                properties, revenue, quantity,
            )
        )  # fmt: skip
        self.at += self.dice.between(*SECONDS_BETWEEN_STEPS)


def pick_product(dice: Dice, favourite: str) -> Product:
    in_favourite = dice.chance(FAVOURITE_CATEGORY_SHARE)
    return dice.pick(PRODUCTS[favourite if in_favourite else dice.pick(CATEGORIES)])


def view(visit: Visit, favourite: str, name: str = "product_viewed") -> None:
    product = pick_product(visit.dice, favourite)
    visit.note(name, f"{{{PRODUCT_WORDS[product]}}}")


def _view_page(visit: Visit, person: Person) -> None:
    visit.note("page_viewed", f'{{"page":"{visit.dice.draw(PAGES)}"}}')


def _view_product(visit: Visit, person: Person) -> None:
    view(visit, person.favourite_category)


def _add_to_cart(visit: Visit, person: Person) -> None:
    view(visit, person.favourite_category, "product_added_to_cart")


def _search(visit: Visit, person: Person) -> None:
    query = visit.dice.draw(SEARCHES)
    visit.note("search", f'{{"query":{as_json(query)}}}')


def _use_feature(visit: Visit, person: Person) -> None:
    visit.note("feature_used", f'{{"feature":"{visit.dice.draw(FEATURES)}"}}')


def _chat(visit: Visit, person: Person) -> None:
    topic = visit.dice.pick(CHAT_TOPICS)
    visit.note("support_chat", f'{{"topic":{as_json(topic)}}}')


def _play_song(visit: Visit, person: Person) -> None:
    if person.likes_music:
        artist, genre = visit.dice.pick(SONGS)
        visit.note(
            "song_played", f'{{"artist":{as_json(artist)},"genre":{as_json(genre)}}}'
        )


def _work_out(visit: Visit, person: Person) -> None:
    if person.likes_sport:
        kind, minutes = visit.dice.pick(WORKOUTS), visit.dice.between(10, 75)
        visit.note("workout_completed", f'{{"kind":"{kind}","minutes":{minutes}}}')


ACTIONS = Weighted(
    {
        _view_product: 38,
        _view_page: 22,
        _search: 11,
        _add_to_cart: 7,
        _use_feature: 6,
        _play_song: 9,
        _work_out: 6,
        _chat: 1,
    }
)
ANONYMOUS_ACTIONS = Weighted({_view_product: 50, _view_page: 35, _search: 15})
