"""What the shop writes down about its users: the change log of profiles."""

from collections import namedtuple
from collections.abc import Iterator

from raw_contract import USER_COLUMNS

from .catalogue import CITIES, GOALS, as_json
from .dice import Dice
from .people import USER_DOMAIN, Person
from .timeline import DAY, Timeline, day_text, instant_text, time_of_day

UserRow = namedtuple("UserRow", USER_COLUMNS, defaults=[None] * len(USER_COLUMNS))

EMAIL_CHANGE_SHARE = 0.05
SURVEY_SHARE = 0.45
SURVEY_WITHDRAWN_SHARE = 0.05
POINTS_EVERY_DAYS = 110
NO_UPDATED_AT_SHARE = 0.03
"""First rows without `updated_at`: the contract then takes `signed_up_at`."""
CONTACT_EVERY = 40
"""Every so many users comes one imported contact: a profile without any event."""

Change = tuple[int, UserRow]


def profile_changes(timeline: Timeline, dice: Dice, person: Person) -> list[Change]:
    """The first row holds all; later rows hold all or only what changed."""
    if not person.has_profile:
        return []
    first = _first_row(dice, person)
    updated_at = None if dice.chance(NO_UPDATED_AT_SHARE) else first.signed_up_at
    changes = [(person.signed_up_at, first._replace(updated_at=updated_at))]
    for change in person.plan_changes:
        changes.append(_at(change.at, first._replace(plan=change.new, traits=None)))
    if person.consent_changed_at is not None:
        at = person.consent_changed_at
        changes.append(_at(at, _only(person, marketing_consent=person.consents(at))))
    changes.extend(_later_changes(dice, person, timeline))
    end = (timeline.window.last + 1) * DAY
    return [change for change in changes if change[0] < end]


def contact(timeline: Timeline, dice: Dice, index: int) -> Change:
    """Someone who left an address at a fair and was never seen in the shop."""
    day = dice.between(timeline.window.first, timeline.window.last)
    at = day * DAY + time_of_day(dice)
    home = dice.draw(CITIES)
    return _at(
        at,
        UserRow(
            user_id=f"c{index:06d}",
            email=f"contact{index}@{USER_DOMAIN}",
            country=home.country,
            language=home.language,
            marketing_consent=True,
            traits='{"source":"fair"}',
        ),
    )


def _at(at: int, row: UserRow) -> Change:
    return at, row._replace(updated_at=instant_text(at))


def _only(person: Person, **values: object) -> UserRow:
    return UserRow(user_id=person.user_id, **values)


def _first_row(dice: Dice, person: Person) -> UserRow:
    company, industry, size = person.company or (None, None, None)
    return UserRow(
        user_id=person.user_id,
        signed_up_at=instant_text(person.signed_up_at),
        first_name=person.first_name,
        email=person.email,
        gender=person.gender,
        country=person.home.country,
        city=person.home.name,
        language=person.home.language,
        plan=person.first_plan,
        company=company,
        industry=industry,
        birth_date=person.birth_day and day_text(person.birth_day),
        company_size=size,
        marketing_consent=person.first_consent,
        traits=as_json(_first_traits(dice, person)),
    )


def _first_traits(dice: Dice, person: Person) -> dict[str, object]:
    traits: dict[str, object] = {"home_city": person.home.name, "loyalty_points": 0}
    if person.bank is not None:
        traits |= {"account_type": "prepaid", "bank": person.bank}
    if person.interests:
        traits["interests"] = person.interests
    if dice.chance(SURVEY_SHARE):
        traits["survey"] = {"satisfaction": dice.between(1, 10)}
        traits["survey_goal"] = dice.pick(GOALS)
    return traits


def _later_changes(dice: Dice, person: Person, timeline: Timeline) -> Iterator[Change]:
    last = min(person.active_until, timeline.window.last * DAY)
    at, points = person.active_from, 0
    while (at := at + int(dice.wait(POINTS_EVERY_DAYS) * DAY)) < last:
        points += dice.between(5, 400)
        yield _at(at, _only(person, traits=f'{{"loyalty_points":{points}}}'))
    if last <= person.active_from:
        return
    if dice.chance(EMAIL_CHANGE_SHARE):
        at = dice.between(person.active_from, last)
        yield _at(at, _only(person, email=person.email.replace("@", ".new@")))
    if dice.chance(SURVEY_WITHDRAWN_SHARE):
        # Empty text clears a value that was given before.
        at = dice.between(person.active_from, last)
        yield _at(at, _only(person, traits='{"survey_goal":""}'))
