"""How events and profiles arrive: late, twice, broken, in the contract's columns.

Broken rows are copies of sound ones with exactly one fault. Half of the broken events
keep the id of the sound one, as a mangled second delivery would.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable

from raw_contract import EVENT_COLUMNS

from .dice import Dice
from .profiles import Change, UserRow
from .timeline import DAY, HOUR, Timeline, instant_text
from .truth import Tally
from .visits import Event

EventRow = namedtuple("EventRow", EVENT_COLUMNS)
Delivery = tuple[str, tuple]
"""When a row arrived, as text to sort by, and the row."""

LATE_SHARE = 0.015
PROMPT_SECONDS = 4
"""All other rows arrive in less."""
LATE_MEAN_HOURS = 14
LATE_LIMIT_DAYS = 5
NO_RECEIVED_AT_SHARE = 0.0005
DUPLICATE_SHARE = 0.007
DUPLICATE_SAME_TIME_SHARE = 0.4
DUPLICATE_MEAN_HOURS = 9
MALFORMED_SHARE = 0.0006
"""Only among events on which no planted effect hangs."""
MALFORMED_JSON = ('{"page":"home', "not json", '["a","list"]', '"text"', "{'page':1}")
_MALFORMED_BELOW = DUPLICATE_SHARE + MALFORMED_SHARE
MALFORMABLE_EVENTS = ("page_viewed", "product_viewed", "search")
MALFORMED_TRAITS_SHARE = 0.004

FAULT_EVERY = 100
"""Every so many households there is one with broken rows, for each kind of fault."""
BROKEN_COPIES = 3
NEW_ID_SHARE = 0.5
UNREADABLE_TIMES = ("not a time", "2026-13-45 10:00:00", "2026-02-30 25:61:00", "??")
# The last date that is kept is one day after the day of receipt.
FUTURE_DAYS = (2, 30, 2000)


def _without_event_id(row: EventRow, dice: Dice, at: int) -> EventRow:
    return row._replace(event_id=None)


def _without_event_name(row: EventRow, dice: Dice, at: int) -> EventRow:
    return row._replace(event_name="")


def _without_ids(row: EventRow, dice: Dice, at: int) -> EventRow:
    return row._replace(user_id=None, anonymous_id=None)


def _at_unreadable_time(row: EventRow, dice: Dice, at: int) -> EventRow:
    return row._replace(occurred_at=dice.pick(UNREADABLE_TIMES))


def _in_the_future(row: EventRow, dice: Dice, at: int) -> EventRow:
    days = dice.pick(FUTURE_DAYS)
    return row._replace(occurred_at=instant_text(at + days * DAY))


EVENT_FAULTS: dict[str, Callable[[EventRow, Dice, int], EventRow]] = {
    "missing event_id": _without_event_id,
    "missing event_name": _without_event_name,
    "missing user_id and anonymous_id": _without_ids,
    "unreadable occurred_at": _at_unreadable_time,
    "occurred_at in the future": _in_the_future,
}
USER_FAULTS: dict[str, Callable[[UserRow, Dice], UserRow]] = {
    "missing user_id": lambda row, dice: row._replace(user_id=None),
    "unreadable updated_at": lambda row, dice: row._replace(
        updated_at=dice.pick(UNREADABLE_TIMES)
    ),
}


class EventDelivery:
    """Turns the events of one household into rows, and counts what it does."""

    def __init__(
        self, timeline: Timeline, dice: Dice, index: int, tally: Tally
    ) -> None:
        self.first_at = timeline.window.first * DAY
        self.end_at = (timeline.window.last + 1) * DAY
        self.dice = dice
        self.index = index
        self.tally = tally
        self.rows: list[Delivery] = []
        self._sound: list[tuple[int, EventRow]] = []
        self._number = 0

    def deliver(self, events: Iterable[Event]) -> list[Event]:
        """Add the rows of these events; return the events that arrived in the window.

        What arrives after the last day is not in the data: the export ends there.
        """
        return [event for event in events if self._deliver(event)]

    def _deliver(self, event: Event) -> bool:
        counts = self.tally.events
        received_at = event.at + self._delay()
        if event.at < self.first_at or received_at >= self.end_at:
            return False
        row = self._row(event, received_at)
        self._add(row, received_at)
        counts["distinct_events"] += 1
        counts["late_over_1_day"] += received_at - event.at > DAY
        self._disturb(event, row, received_at)
        return True

    def _disturb(self, event: Event, row: EventRow, received_at: int) -> None:
        """Rarely: deliver twice, spoil the properties, or forget when it arrived."""
        chance, counts = self.dice.random(), self.tally.events
        if chance < DUPLICATE_SHARE:
            self._deliver_again(row, received_at)
        elif chance < _MALFORMED_BELOW and event.name in MALFORMABLE_EVENTS:
            self._replace_last(row._replace(properties=self.dice.pick(MALFORMED_JSON)))
            counts["malformed_properties"] += 1
        elif chance > 1 - NO_RECEIVED_AT_SHARE:
            self._replace_last(row._replace(received_at=None))
            counts["without_received_at"] += 1
        else:
            self._sound.append((received_at, row))

    def _replace_last(self, row: EventRow) -> None:
        self.rows[-1] = self.rows[-1][0], row

    def _delay(self) -> int:
        chance = self.dice.random()
        if chance < LATE_SHARE:
            delay = int(self.dice.wait(LATE_MEAN_HOURS) * HOUR)
            return min(delay, LATE_LIMIT_DAYS * DAY)
        return int(chance * PROMPT_SECONDS)

    def _row(self, event: Event, received_at: int) -> EventRow:
        self._number += 1
        return EventRow(
            f"e{self.index:06d}-{self._number:05d}",
            event.name,
            instant_text(event.at),
            instant_text(received_at),
            event.user_id,
            event.anonymous_id,
            event.revenue,
            event.quantity,
            *event.context,
            event.campaign_id,
            event.properties,
        )

    def _add(self, row: EventRow, received_at: int) -> None:
        self.rows.append((instant_text(received_at), row))
        self.tally.events["rows"] += 1

    def _deliver_again(self, row: EventRow, received_at: int) -> None:
        dice = self.dice
        if not dice.chance(DUPLICATE_SAME_TIME_SHARE):
            received_at += 1 + int(dice.wait(DUPLICATE_MEAN_HOURS) * HOUR)
        if received_at < self.end_at:
            self._add(row._replace(received_at=instant_text(received_at)), received_at)
            self.tally.events["duplicate_rows"] += 1

    def add_broken(self) -> None:
        """Broken copies of some sound rows, when it is this household's turn."""
        dice = self.dice
        for number, (reason, break_row) in enumerate(EVENT_FAULTS.items()):
            if not (self._sound and _is_turn(self.index, number, len(EVENT_FAULTS))):
                continue
            for copy in range(dice.between(1, BROKEN_COPIES)):
                received_at, row = dice.pick(self._sound)
                if dice.chance(NEW_ID_SHARE):
                    row = row._replace(event_id=f"{row.event_id}-{number}{copy}")
                self._add(break_row(row, dice, received_at), received_at)
                self.tally.rejected_events[reason] += 1


def deliver_changes(
    changes: list[Change], dice: Dice, index: int, tally: Tally
) -> list[Delivery]:
    """Rows of the profiles' change log, with malformed traits and broken copies."""
    rows: list[Delivery] = []
    for at, row in changes:
        if row.traits is not None and dice.chance(MALFORMED_TRAITS_SHARE):
            row = row._replace(traits=dice.pick(MALFORMED_JSON))
            tally.users["malformed_traits"] += 1
        rows.append((instant_text(at), row))
    tally.users["distinct_users"] += len({row.user_id for _, row in rows})
    for number, (reason, break_row) in enumerate(USER_FAULTS.items()):
        if rows and _is_turn(index, number, len(USER_FAULTS)):
            at, row = changes[0]
            rows.append((instant_text(at), break_row(row, dice)))
            tally.rejected_users[reason] += 1
    tally.users["rows"] += len(rows)
    return rows


def _is_turn(index: int, number: int, kinds: int) -> bool:
    return index % FAULT_EVERY == number * (FAULT_EVERY // kinds)
