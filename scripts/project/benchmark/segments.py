"""The segments of the benchmark: one list, from which every way gets its own words.

A segment is of one event. Its measure (a count of events, of days with them, or the sum
of their revenue) is compared with a threshold, over the days that end with the date or
over all time. What each way makes of it stands here, so that all ways compute the same;
the test is a comparison of their rows.
"""

from dataclasses import asdict, dataclass

WINDOWS = (30, 7, 90, None, 14, 180, 60, 365)
EVENTS = (
    "purchase",
    "product_viewed",
    "page_viewed",
    "product_added_to_cart",
    "search",
    "login",
)
LEAST = {"count": (1, 2, 4, 7), "days": (2, 1, 3, 6), "sum": (50, 200, 20, 500)}
"""Thresholds that are tried in turn; sums are in units of money."""

SEGMENTATION = "benchmark"
ADDED_SEGMENTATION = "benchmark_added"


@dataclass(frozen=True)
class Question:
    """What has to be known of each user: a measure of an event in a window."""

    event: str
    measure: str
    """count, days or sum."""
    within_days: int | None
    """Days that end with the date; None is ever."""

    @property
    def column(self):
        """A name for it in SQL."""
        window = "ever" if self.within_days is None else f"{self.within_days}d"
        return f"{self.event}_{self.measure}_{window}"


@dataclass(frozen=True)
class Segment:
    """A rule of one event."""

    name: str
    kind: str
    """performed; not_performed, its complement; lapsed: ever but not in the window."""
    question: Question
    at_least: float

    @property
    def ever(self):
        """What a lapsed segment asks besides the window."""
        return Question(self.question.event, "count", None)

    @property
    def questions(self):
        return [self.question, self.ever] if self.kind == "lapsed" else [self.question]

    def to_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, row):
        return cls(**row | {"question": Question(**row["question"])})


def make(count):
    """So many segments, the first ones always the same."""
    segments = []
    seen = set()
    number = 0
    while len(segments) < count:
        segment = _segment(number, f"s{len(segments) + 1:04}")
        number += 1
        key = (segment.kind, segment.question, segment.at_least)
        if key not in seen:
            seen.add(key)
            segments.append(segment)
    return segments


def _segment(number, name):
    """The segment of a number; some numbers have the same one, under another name."""
    kind = ("performed", "performed", "performed", "lapsed", "not_performed")[
        number % 5
    ]
    event = EVENTS[number % len(EVENTS)]
    window = WINDOWS[(number + number // 6) % len(WINDOWS)]
    round_number = number // 60
    if kind == "lapsed":
        # Ever but not in the window needs a window.
        days = (window or 21) + round_number
        return Segment(name, kind, Question(event, "count", days), 1)
    has_revenue = event == "purchase"
    measures = ("sum", "count", "days") if has_revenue else ("count", "days")
    measure = measures[(number // 7) % len(measures)]
    least = LEAST[measure][(number // 11) % 4] + round_number
    return Segment(name, kind, Question(event, measure, window), least)


def make_rare(count):
    """So many segments whose questions all differ; the thresholds are to be set.

    They all count events, so that only their number grows.
    """
    segments = []
    for number in range(count):
        event = EVENTS[number % len(EVENTS)]
        question = Question(event, "count", 30 + number // len(EVENTS))
        segments.append(Segment(f"s{number + 1:04}", "performed", question, 1))
    return segments


def questions(segments):
    """The different questions of all segments, each once."""
    asked = [question for segment in segments for question in segment.questions]
    return list(dict.fromkeys(asked))


# This project


def model(segments):
    """The model of this project: a segmentation of all the segments."""
    listed = ",\n".join(
        f"        segment('{segment.name}', rule={_rule(segment)})"
        for segment in segments
    )
    return (
        "{{ segmentation(\n    assignment='overlapping',\n"
        f"    segments=[\n{listed}\n    ]\n) }}}}\n"
    )


def _rule(segment):
    question = segment.question
    arguments = [f"'{question.event}'"]
    if question.measure != "count":
        arguments.append(f"measure='{question.measure}'")
    if question.measure == "sum":
        arguments.append("of='revenue'")
    arguments.append(f"at_least={segment.at_least}")
    if question.within_days is not None:
        arguments.append(f"within_days={question.within_days}")
    if segment.kind == "lapsed":
        return (
            f"all_of(performed('{question.event}'), "
            f"not_performed({', '.join(arguments)}))"
        )
    return f"{segment.kind}({', '.join(arguments)})"


# The usual way: a query for each segment


def query(segment, events, identities):
    """One scan of clean events: columns as_of_date and user_id."""
    question = segment.question
    window = _window(question)
    if segment.kind == "lapsed":
        filters, having = "", f"count(case when {window} then 1 end) = 0"
    else:
        filters = f"\n    and {window}" if window else ""
        having = f"{_aggregate(question.measure)} >= {segment.at_least}"
    performed = f"""\
select
    identities.as_of_date,
    identities.user_id
from {events} as events
inner join {identities} as identities
    on
        events.identity_id = identities.identity_id
        and events.activity_date <= identities.as_of_date
where
    events.event_name = '{question.event}'{filters}
group by
    identities.as_of_date,
    identities.user_id
having {having}
"""
    if segment.kind != "not_performed":
        return performed
    return f"""\
select distinct
    as_of_date,
    user_id
from {identities} as identities
except
{performed}"""


def _window(question):
    if question.within_days is None:
        return ""
    return f"events.activity_date > identities.as_of_date - {question.within_days}"


def _aggregate(measure):
    return {
        "count": "count(*)",
        "days": "count(distinct events.activity_date)",
        "sum": "sum(events.revenue)",
    }[measure]


# The floor: a predicate for each segment, over columns that answer the questions


def predicate(segment):
    """An SQL predicate over one row of answers per user; never null."""
    holds = f"{segment.question.column} >= {segment.at_least}"
    if segment.kind == "performed":
        return holds
    if segment.kind == "not_performed":
        return f"not {holds}"
    return f"{segment.ever.column} >= 1 and not {holds}"
