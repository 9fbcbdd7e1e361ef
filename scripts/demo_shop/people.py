"""Who the users are: character, home, devices, plans, and how long they stay."""

from dataclasses import dataclass, field
from datetime import date
from math import sqrt

from .catalogue import (
    BANKS,
    CATEGORIES,
    CITIES,
    COMPANIES,
    FIRST_NAMES,
    FIRST_PLANS,
    GENDERS,
    INTERESTS,
    PLANS,
    City,
)
from .dice import Dice, Weighted
from .timeline import DAY, HOUR, Timeline, likely_day, time_of_day


@dataclass(frozen=True)
class Persona:
    """A character: how often someone visits and buys, and for how long."""

    name: str
    visit_gap_days: float
    purchase_gap_days: float | None = None
    stay_days: float = 2000
    stay_at_least_days: int = 0
    basket: float = 1.0
    login_share: float = 0.35
    buys_once: bool = False
    only_in_sales: bool = False


LOYAL = Persona("loyal", 13, purchase_gap_days=19, basket=1.2)
OCCASIONAL = Persona("occasional", 24, purchase_gap_days=80, stay_days=700)
ONE_TIME = Persona("one_time", 14, stay_days=15, buys_once=True)
LAPSED = Persona(
    "lapsed", 13, purchase_gap_days=30, stay_days=90, stay_at_least_days=20
)
PROSPECT = Persona("prospect", 17, stay_days=200)
HABITUAL = Persona(
    "habitual", 1.9, purchase_gap_days=110, stay_days=900, login_share=0.95
)
BARGAIN_HUNTER = Persona(
    "bargain_hunter", 30, purchase_gap_days=100, basket=0.3, only_in_sales=True
)
INSIDER = Persona("insider", 6, purchase_gap_days=12, basket=6.0, login_share=0.8)
"""Staff and test accounts: often there, and with orders that nobody else places."""

PERSONAS = Weighted(
    {
        LOYAL: 14,
        OCCASIONAL: 20,
        ONE_TIME: 20,
        LAPSED: 13,
        PROSPECT: 21,
        HABITUAL: 6,
        BARGAIN_HUNTER: 6,
    }
)

EXISTING_SHARE = 0.5
"""Share of the users who had signed up before the data begin."""
EXISTING_FOR_DAYS = 700
GROWTH = 1.5
"""Sign-ups a day at the end of the window, relative to its begin."""
HUNTERS_OF_SALE_WEEK_SHARE = 0.5
"""Share of the bargain hunters whom the sale week brought; the others it turned."""
MIGRATING_SHARE = 0.35
"""Share of the desktop users who move to the app."""
SECOND_DEVICE_SHARE = 0.4
SHARED_DEVICE_EVERY = 25
"""Every so many users, one also uses the first device of the user before."""
NO_PROFILE_SHARE = 0.05
BUSINESS_SHARE = 0.12
PREPAID_SHARE = 0.15
CONSENT_SHARE = 0.7
CONSENT_CHANGE_SHARE = 0.12
TRAVEL_SHARE = 0.25
PLAN_CHANGES = Weighted({0: 68, 1: 20, 2: 9, 3: 3})

PERSON_STREAM = {"user": 1, "staff": 2, "test": 3}
USER_ID_PREFIX = {"user": "u", "staff": "s", "test": "test_"}
STAFF_DOMAIN = "demoshop.example"
USER_DOMAIN = "mail.example"

_DEVICES_PER_HOUSEHOLD = 64
_MIGRATION_SLOT = 7
_VISITOR_SLOT = 32
APP_RELEASE_DAYS = 28
APP_RELEASES_START = date(2007, 11, 26).toordinal()


@dataclass(frozen=True)
class Device:
    """A browser or an installed app, known by its anonymous id."""

    anonymous_id: str
    platform: str
    device_type: str
    os: str
    browser: str | None
    releases_behind: int

    def context(self, day: int, city: City) -> tuple[str | None, ...]:
        """The contract's columns from platform to city."""
        return (
            self.platform, self.device_type, self.os, self.browser,
            self._app_version(day), city.country, city.name,
        )  # fmt: skip

    def _app_version(self, day: int) -> str | None:
        if self.platform == "web":
            return None
        release = (day - APP_RELEASES_START) // APP_RELEASE_DAYS - self.releases_behind
        return f"{release // 10}.{release % 10}.0"


DESKTOP = ("web", "desktop")
PHONE_WEB = ("web", "mobile")
TABLET_WEB = ("web", "tablet")
IPHONE = ("ios", "mobile")
IPAD = ("ios", "tablet")
ANDROID = ("android", "mobile")
DEVICE_KINDS = Weighted(
    {DESKTOP: 44, PHONE_WEB: 14, TABLET_WEB: 4, IPHONE: 18, IPAD: 3, ANDROID: 17}
)
APPS = Weighted({IPHONE: 50, ANDROID: 50})
WEB_SYSTEMS = {
    DESKTOP: Weighted(
        {
            ("Windows", "Chrome"): 40,
            ("Windows", "Edge"): 20,
            ("macOS", "Safari"): 22,
            ("macOS", "Chrome"): 10,
            ("Linux", "Firefox"): 8,
        }
    ),
    PHONE_WEB: Weighted({("Android", "Chrome"): 55, ("iOS", "Safari"): 45}),
    TABLET_WEB: Weighted({("iOS", "Safari"): 70, ("Android", "Chrome"): 30}),
}
APP_SYSTEMS = {"ios": "iOS", "android": "Android"}


@dataclass(frozen=True)
class Trip:
    first_day: int
    last_day: int
    city: City


@dataclass(frozen=True)
class PlanChange:
    at: int
    old: str
    new: str


@dataclass
class Person:
    """One user, as drawn; what they do follows from this and from chance."""

    index: int
    kind: str
    user_id: str
    persona: Persona
    first_name: str
    email: str
    gender: str | None
    home: City
    signed_up_at: int
    active_from: int
    active_until: int
    only_purchase_at: int | None
    devices: list[Device]
    app: Device | None
    """The app to which a desktop user moves on the day of the migration."""
    favourite_category: str
    first_plan: str
    first_consent: bool
    consent_changed_at: int | None
    birth_day: int | None
    company: tuple[str, str, int] | None
    bank: str | None
    interests: list[str]
    has_profile: bool
    trips: list[Trip] = field(default_factory=list)
    plan_changes: list[PlanChange] = field(default_factory=list)

    @property
    def is_user(self) -> bool:
        """Neither staff nor a test account."""
        return self.kind == "user"

    @property
    def likes_music(self) -> bool:
        return "jazz" in self.interests or "rock 'n' roll" in self.interests

    @property
    def likes_sport(self) -> bool:
        return "running" in self.interests or "yoga" in self.interests

    def place(self, day: int) -> City:
        for trip in self.trips:
            if trip.first_day <= day <= trip.last_day:
                return trip.city
        return self.home

    def consents(self, at: int) -> bool:
        changed = self.consent_changed_at is not None and at >= self.consent_changed_at
        return self.first_consent != changed


def device_id(index: int, slot: int) -> str:
    """Looks random, is unique: an odd factor maps 48 bits one to one."""
    number = index * _DEVICES_PER_HOUSEHOLD + slot + 1
    return f"d-{number * 0x9E3779B97F4B % 2**48:012x}"


def make_device(dice: Dice, kind: tuple[str, str], anonymous_id: str) -> Device:
    platform, device_type = kind
    if platform == "web":
        system, browser = dice.draw(WEB_SYSTEMS[kind])
        return Device(anonymous_id, platform, device_type, system, browser, 0)
    system = APP_SYSTEMS[platform]
    behind = min(6, int(dice.wait(0.8)))
    return Device(anonymous_id, platform, device_type, system, None, behind)


def make_visitor_device(dice: Dice, index: int, number: int) -> Device:
    """The device of someone who never logs in."""
    anonymous_id = device_id(index, _VISITOR_SLOT + number)
    return make_device(dice, dice.draw(DEVICE_KINDS), anonymous_id)


def make_person(seed: int, timeline: Timeline, index: int, kind: str) -> Person:
    dice = Dice(seed, PERSON_STREAM[kind], index)
    persona = dice.draw(PERSONAS) if kind == "user" else INSIDER
    signed_up_at = _sign_up(dice, timeline, persona)
    active_from = max(signed_up_at, timeline.window.first * DAY)
    only_purchase_at = _only_purchase(dice, timeline, persona, signed_up_at)
    stay_days = persona.stay_at_least_days + dice.wait(persona.stay_days)
    devices = _devices(dice, index, kind)
    # A name is drawn for everyone, so that one user's text never shifts another draw.
    name = dice.draw(FIRST_NAMES)
    person = Person(
        index=index,
        kind=kind,
        user_id=f"{USER_ID_PREFIX[kind]}{index:06d}",
        persona=persona,
        first_name=name,
        email=f"{kind}{index}@{STAFF_DOMAIN if kind == 'staff' else USER_DOMAIN}",
        gender=dice.draw(GENDERS),
        home=dice.draw(CITIES),
        signed_up_at=signed_up_at,
        active_from=active_from,
        active_until=(only_purchase_at or active_from) + int(stay_days * DAY),
        only_purchase_at=only_purchase_at,
        devices=devices,
        app=_app_to_move_to(dice, index, kind, devices[0]),
        favourite_category=dice.pick(CATEGORIES),
        first_plan=dice.draw(FIRST_PLANS),
        first_consent=dice.chance(CONSENT_SHARE),
        consent_changed_at=None,
        birth_day=_birth_day(dice, timeline),
        company=dice.pick(COMPANIES) if dice.chance(BUSINESS_SHARE) else None,
        bank=dice.pick(BANKS) if dice.chance(PREPAID_SHARE) else None,
        interests=[word for word in INTERESTS if dice.chance(0.2)],
        has_profile=kind != "user" or not dice.chance(NO_PROFILE_SHARE),
    )
    _plan_life(dice, timeline, person)
    return person


def share_device(person: Person, neighbour: Person) -> None:
    """Two of one household on one device, so they live in one place too."""
    person.home = neighbour.home
    person.devices.append(neighbour.devices[0])


def _sign_up(dice: Dice, timeline: Timeline, persona: Persona) -> int:
    window = timeline.window
    hunts = persona is BARGAIN_HUNTER
    if hunts and dice.chance(HUNTERS_OF_SALE_WEEK_SHARE):
        day = dice.between(timeline.sale_week.first, timeline.sale_week.last)
    elif hunts or dice.chance(EXISTING_SHARE):
        day = window.first - dice.between(1, EXISTING_FOR_DAYS)
    else:
        days = window.last - window.first + 1
        day = likely_day(dice, window.first + int(_growing(dice.random()) * days))
    return min(day, window.last) * DAY + time_of_day(dice)


def _only_purchase(
    dice: Dice, timeline: Timeline, persona: Persona, signed_up_at: int
) -> int | None:
    """Soon after signing up; for those who had before the data begin, at any time."""
    if not persona.buys_once:
        return None
    window = timeline.window
    if signed_up_at < window.first * DAY:
        return dice.between(window.first, window.last) * DAY + time_of_day(dice)
    return signed_up_at + HOUR + int(dice.wait(4 * DAY))


def _growing(uniform: float) -> float:
    """From 0 to 1, with a density that grows linearly by the factor GROWTH."""
    return (sqrt(1 + uniform * (GROWTH * GROWTH - 1)) - 1) / (GROWTH - 1)


def _devices(dice: Dice, index: int, kind: str) -> list[Device]:
    base = 8 * PERSON_STREAM[kind]
    devices = [make_device(dice, dice.draw(DEVICE_KINDS), device_id(index, base))]
    while len(devices) < 3 and dice.chance(SECOND_DEVICE_SHARE):
        slot = base + len(devices)
        devices.append(
            make_device(dice, dice.draw(DEVICE_KINDS), device_id(index, slot))
        )
    return devices


def _app_to_move_to(dice: Dice, index: int, kind: str, first: Device) -> Device | None:
    on_desktop = kind == "user" and first.device_type == "desktop"
    if not on_desktop or not dice.chance(MIGRATING_SHARE):
        return None
    slot = 8 * PERSON_STREAM[kind] + _MIGRATION_SLOT
    return make_device(dice, dice.draw(APPS), device_id(index, slot))


def _birth_day(dice: Dice, timeline: Timeline) -> int | None:
    if dice.chance(0.15):
        return None
    return timeline.window.last - dice.between(18 * 365, 75 * 365)


def _plan_life(dice: Dice, timeline: Timeline, person: Person) -> None:
    """Trips, plan changes and a change of consent, in the time a person is there."""
    end = min(person.active_until, timeline.window.last * DAY)
    span = end - person.active_from
    if span <= DAY:
        return
    while dice.chance(TRAVEL_SHARE) and len(person.trips) < 3:
        first_day = (person.active_from + int(dice.random() * span)) // DAY
        last_day = first_day + dice.between(2, 9)
        person.trips.append(Trip(first_day, last_day, dice.draw(CITIES)))
    moments = sorted(
        person.active_from + HOUR + int(dice.random() * (span - HOUR))
        for _ in range(dice.draw(PLAN_CHANGES))
    )
    plan = person.first_plan
    for at in moments:
        new = dice.pick([other for other in PLANS if other != plan])
        person.plan_changes.append(PlanChange(at, plan, new))
        plan = new
    if dice.chance(CONSENT_CHANGE_SHARE):
        person.consent_changed_at = person.active_from + int(dice.random() * span)
