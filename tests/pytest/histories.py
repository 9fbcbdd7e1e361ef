"""Small worlds to build again and again: what was said of each date must add up.

A `History` is a project with a warehouse. After each build it notes who was in which
segment on the dates that the build computed; the log, the changes and the intervals
must give that back, for dates that are not kept any more too.
"""

import csv
import os
from datetime import date, timedelta
from random import Random

import duckdb

COLUMNS = ["event_id", "event_name", "occurred_at", "received_at", "user_id"]
COLUMNS += ["anonymous_id", "revenue"]

BUYING = """{{{{ segmentation(assignment='exclusive', otherwise='{rest}', segments=[
    segment('{often}', rule=performed('purchase', at_least=2, within_days={days})),
    segment('buyer', rule=performed('purchase', within_days={days})),
]) }}}}
"""
DOING = """{{{{ segmentation(assignment='overlapping', segments=[
    segment('{visitor}', rule=performed('login', within_days=14)),
    segment('spender', rule=performed(
        'purchase', measure='sum', of='revenue', at_least={spent}, within_days=28)),
    segment('ever', rule=performed('purchase')),
]) }}}}
"""
EXTRA = """{{{{ segmentation(assignment='overlapping', segments=[
    segment('recent', rule=performed('*', within_days={days})),
    segment('older', rule=performed('*', until_days_ago=30)),
]) }}}}
"""


def buying(rest="rest", often="often", days=14):
    return BUYING.format(rest=rest, often=often, days=days)


def doing(visitor="visitor", spent=30):
    return DOING.format(visitor=visitor, spent=spent)


def extra(days=7):
    return EXTRA.format(days=days)


def world(first, last, seed=1, users=8):
    """Events of some users between two days, the same ones each time."""
    random = Random(seed)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = []
    for user in range(users):
        for day in days:
            for name, share in (("purchase", 0.06), ("login", 0.05)):
                if random.random() < share:
                    rows.append(event(day, name, f"u{user}", random.choice([10, 20])))
    # Every day has an event, so that the first and the last day are those.
    return rows + [event(day, "page_viewed", "anchor") for day in days]


def event(day, name, user, revenue=None, **more):
    moment = f"{day} 12:00:00"
    return {
        "event_id": f"{user} {name} {day}",
        "event_name": name,
        "occurred_at": moment,
        "received_at": moment,
        "user_id": user,
        "revenue": revenue,
    } | more


class History:
    """A project with a warehouse, and what its builds have said."""

    def __init__(self, project):
        self.project = project
        self.stated = {}
        """Who was in which segment, by segmentation and snapshot date."""

    def deliver(self, name, rows):
        file = self.project.raw / "events" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        # A version of a file is its size and second: two in a second are two.
        stamp = 1_700_000_000 + len(list(file.parent.iterdir())) * 10 + len(rows)
        os.utime(file, (stamp, stamp))

    def build(self, *options, project=None, **variables):
        """Build all tables, seeds at first, and note what is said now."""
        project = (project or self.project).on(self.project.warehouse.parent)
        if not project.warehouse.exists():
            assert (answer := project.dbt("seed")).succeeded, answer.error
        words = ["--no-write-json", "--vars", repr(variables), *options]
        answer = project.dbt("run", *words)
        if answer.succeeded:
            self.note()
        return answer

    def built(self, *options, **variables):
        answer = self.build(*options, **variables)
        assert answer.succeeded, answer.error
        return answer

    def note(self):
        kept = self.query(
            "select segmentation, as_of_date from publication.published_snapshots"
            " where is_kept"
        )
        members = {(name, day): set() for name, day in kept}
        for name, day, *member in self.query(
            "select segmentation, as_of_date, user_id, segment_key"
            " from memberships.segment_statements"
        ):
            members[name, day].add(tuple(member))
        known = {row[0] for row in self.query(
            "select distinct segmentation from memberships.segment_statements"
        )}
        self.stated |= {key: who for key, who in members.items() if key[0] in known}

    def query(self, sql):
        with duckdb.connect(str(self.project.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql):
        [[value]] = self.query(sql)
        return value

    def dates(self, condition="true"):
        """The snapshot dates that the tables of users hold."""
        return [day for (day,) in self.query(
            "select as_of_date from intermediate.int_as_of_dates"
            f" where {condition} order by as_of_date"
        )]

    def published(self, column="is_kept", condition="true"):
        return dict(
            ((name, day), value)
            for name, day, value in self.query(
                f"select segmentation, as_of_date, {column}"
                f" from publication.published_snapshots where {condition}"
            )
        )

    # What must be so after every build

    def assert_it_adds_up(self):
        """Log, changes, intervals and counts tell of each date what was said last."""
        published = self.published("is_provisional")
        assert published
        logs = self.cumulated(
            "select segmentation, as_of_date, user_id, segment_key, member_change"
            " from memberships.segment_membership_log"
        )
        changes = self.cumulated(
            "select segmentation, as_of_date, user_id, segment_key,"
            " case change when 'entered' then 1 else -1 end"
            " from memberships.segment_membership_changes"
        )
        intervals = self.query(
            "select segmentation, user_id, segment_key, valid_from_date, valid_to_date"
            " from memberships.segment_membership_intervals"
        )
        counts = self.published("membership_count")
        for (name, day), is_open in published.items():
            where = f"{name} on {day}"
            said = self.stated[name, day]
            if not is_open:
                assert up_to(logs, name, day) == said, f"log, {where}"
            assert up_to(changes, name, day) == said, f"changes, {where}"
            assert said == {
                (user, key)
                for segmentation, user, key, start, end in intervals
                if segmentation == name
                and start <= day
                and (end is None or day < end)
            }, f"intervals, {where}"
            assert counts[name, day] == len(said), f"counts, {where}"
        self.assert_first_dates(published)
        unknown = self.query(
            "select distinct segmentation, segment, rule_hash"
            " from memberships.segment_memberships"
            " except select segmentation, segment, rule_hash"
            " from memberships.segment_definitions"
        )
        assert not unknown, unknown

    def assert_first_dates(self, published):
        """Everybody entered on the first date of a segmentation, and only there."""
        first = {}
        for name, day in sorted(published):
            first.setdefault(name, day)
        found = self.query(
            "select distinct segmentation, as_of_date, is_first_date"
            " from memberships.segment_membership_changes"
        )
        wrong = [row for row in found if row[2] != (row[1] == first.get(row[0]))]
        assert not wrong, wrong

    def cumulated(self, sql):
        entries = {}
        for name, day, *member, change in self.query(sql):
            entries.setdefault(name, []).append((day, tuple(member), change))
        return entries

    def rows_by_table(self):
        """The physical rows of every table: rowid, a hash of the row, and its day."""
        columns = {}
        for table, column in self.query(
            "select table_schema || '.' || table_name, column_name"
            " from information_schema.columns inner join information_schema.tables"
            " using (table_schema, table_name) where table_type = 'BASE TABLE'"
            " and table_schema <> 'reference'"
        ):
            columns.setdefault(table, []).append(column)
        found = {}
        for table, names in columns.items():
            days = [name for name in ("as_of_date", "activity_date") if name in names]
            day = days[0] if days else "null"
            name = table.split(".")[1]
            found[name] = set(
                self.query(f"select rowid, hash(rows), {day} from {table} as rows")
            )
        return found


def up_to(entries, name, day):
    """Who is left after the entries of a segmentation up to a day."""
    sums = {}
    for when, member, change in entries.get(name, ()):
        if when <= day:
            sums[member] = sums.get(member, 0) + change
    assert set(sums.values()) <= {0, 1}, (name, day)
    return {member for member, total in sums.items() if total}


def sundays(first, last):
    return [
        first + timedelta(days=n)
        for n in range((last - first).days + 1)
        if (first + timedelta(days=n)).isoweekday() == 7
    ]


def day_of(text):
    return date.fromisoformat(text)
