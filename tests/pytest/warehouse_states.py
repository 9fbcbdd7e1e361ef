"""Copies of all tables of a warehouse after each build, compared side by side.

The tables are the models of the manifest, views too. What two builds may differ in is
listed here, each with its reason.
"""

from collections import Counter
from dataclasses import dataclass

import duckdb
from delivery_schedules import NAMESPACE

LAYERS = ("staging", "intermediate", "facts", "segments", "memberships")
"""In the order of the flow, so that the first difference is nearest to its cause."""

LEFT_OUT = {
    "segment_definitions": "its dates tell of the builds that there were",
    "int_touched_days": "what a build had to do",
    "int_touched_users": "what a build had to do",
    "int_due_snapshots": "what a build had to do",
    "int_affected_dates": "what a build had to do",
    "int_stated_snapshots": "what a build had to do, and what there was before it",
    "int_due_outcomes": "what a build had to do",
    "segment_membership_log": "one entry a statement; its own test",
    "segment_size_changes": "tells late data from movement; its own test",
    "rebased_memberships": "what a changed rule did; its own test",
    "segment_triggers": "tells which build saw a move first; its own test",
    "published_snapshots": "tells of builds; its own test",
    "segment_membership_intervals": "follows what was published; its own test",
    "membership_restatements": "tells of a full refresh; its own test",
    "segment_power": "reads the KPIs of closed dates",
    "segment_size_checks": "reads the KPIs of closed dates",
    "segment_health_checks": "reads the KPIs of closed dates, and the age of rules",
    "segment_health": "reads the KPIs of closed dates, and the age of rules",
}
"""Tables that are not compared with those of a full build."""

LEFT_OUT_COLUMNS = {
    "int_as_of_dates": dict.fromkeys(("build_number", "is_due"), "tells of builds"),
    "stg_event_deliveries": {
        "build_number": "tells of builds",
    },
    "stg_user_deliveries": {
        "build_number": "tells of builds",
        "delivery_number": "rows of one time are merged; which is first is left open",
    },
}
"""Columns that are not compared, of any two builds."""

WRITTEN_BY_HAND = (
    "('rfm', 'cluster', 'churn_risk', 'expected_value', 'lookalike', 'microsegment')"
)

LEFT_OUT_ROWS = {
    **dict.fromkeys(
        ("stg_event_deliveries", "stg_user_deliveries"),
        "not is_withdrawn",
    ),
    **dict.fromkeys(
        ("segment_counts", "segment_sizes"),
        f"segmentation not in {WRITTEN_BY_HAND} or user_count > 0",
    ),
    "segment_share_drift": (
        f"segmentation not in {WRITTEN_BY_HAND}"
        " or user_count > 0 and compared_user_count > 0"
    ),
    "segment_overlap": (
        f"(segmentation_a not in {WRITTEN_BY_HAND} or user_count_a > 0)"
        f" and (segmentation_b not in {WRITTEN_BY_HAND} or user_count_b > 0)"
    ),
    "segment_names": f"segmentation not in {WRITTEN_BY_HAND}",
}
"""Which rows are compared.

Deliveries that are withdrawn are kept for one more build. A segmentation written by hand
has the segments that occur, on closed dates too, and only those.
"""

KEPT_FOR_GOOD = (
    "active_users",
    "segment_counts",
    "segment_drift",
    "segment_intersections",
    "segment_membership_changes",
    "segment_overlap",
    "segment_profiles",
    "segment_fact_drift",
    "segment_membership_changes",
    "segment_overlap",
    "segment_share_drift",
    "segment_sizes",
    "segment_transitions",
)
"""Tables that keep closed dates also when the snapshots of users are not kept."""

FOLLOWING = {
    "int_as_of_dates": ["previous_as_of_date"],
    "segment_membership_changes": None,
    "segment_sizes": [
        "previous_as_of_date",
        "previous_user_count",
        "entered_user_count",
        "left_user_count",
    ],
    "segment_moves": None,
    "segment_transitions": None,
    "user_merges": None,
    "drift_comparisons": None,
    "segment_share_drift": None,
    "segment_drift": None,
    "segment_fact_drift": None,
}
"""What compares a date with an earlier one: these columns, or all.

A full build compares with the earlier date as it would be today, the warehouse with
what it published. So they must agree only where the earlier date does.
"""

NOT_PUBLISHED = {
    **dict.fromkeys(
        ("int_user_event_days", "int_user_events"),
        "a view on the events of today, for the rules of open dates",
    ),
    **dict.fromkeys(
        ("int_profiles_as_of", "int_traits_as_of"),
        "a view on the profiles of today, for the facts of open dates",
    ),
    **dict.fromkeys(
        ("buyer_outcomes", "score_outcomes", "model_calibration", "model_accuracy"),
        "a view on what happened after the date, which ever more is known of",
    ),
    **dict.fromkeys(
        ("int_user_identities", "int_shared_event_days"),
        "serves the facts and rules of open dates",
    ),
    **dict.fromkeys(
        ("user_segments", "segment_conflicts", "overlap_budget_use")
        + ("competing_campaigns", "shadowed_memberships", "segment_rule_matches"),
        "has the current date only",
    ),
    **dict.fromkeys(
        ("user_outcomes", "segment_kpis", "segment_distinctness")
        + ("segment_validation",),
        "tells what came after a date, as it is known now",
    ),
    "user_segments": "has the current date only",
    "drift_comparisons": "says what dates are to be compared with",
}
"""Dated tables that do not keep closed dates as they were."""


@dataclass(frozen=True)
class Difference:
    """A row that only one of two states has."""

    table: str
    where: str
    row: dict

    @property
    def schedule(self):
        found = NAMESPACE.search(str(self.row))
        return found[0] if found else "all"


class States:
    """Copies of the tables of one or more warehouses, each under a name."""

    def __init__(self, manifest):
        models = [
            node
            for node in manifest.nodes.values()
            if node.resource_type == "model" and node.config.materialized != "ephemeral"
        ]
        models.sort(key=lambda node: ((*LAYERS, node.schema).index(node.schema)))
        self.models = {node.name: node for node in models}
        self.connection = duckdb.connect()

    def keep(self, state, warehouse):
        """Copy all tables of a warehouse."""
        run = self.connection.execute
        run(f"attach '{warehouse}' as warehouse (read_only)")
        run(f"create schema {state}")
        for name, node in self.models.items():
            relation = f"warehouse.{node.schema}.{node.alias}"
            run(f"create table {state}.{name} as from {relation}")
        run("detach warehouse")

    def columns(self, state, table):
        return [
            row["column_name"] for row in self.query(f"describe {state}.{table}")
        ]

    def tables(self, state, dated):
        """The tables that have as_of_date, or those that have not."""
        return [
            name
            for name in self.models
            if ("as_of_date" in self.columns(state, name)) == dated
        ]

    def query(self, sql):
        result = self.connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def dates(self, state, condition="true"):
        found = self.query(
            f"select as_of_date from {state}.int_as_of_dates where {condition}"
        )
        return {row["as_of_date"] for row in found}

    def differences(self, table, one, other, names):
        """The rows of two selections that only one has, as often as it has them."""
        return [
            Difference(table, f"only in {name}", row)
            for name, left, right in [
                (names[0], one, other),
                (names[1], other, one),
            ]
            for row in self.query(f"(from ({left})) except all (from ({right}))")
        ]

    def selection(self, state, table, replaced=()):
        """The rows of a table without the columns that are left out.

        A column replaced is given as its name and an expression.
        """
        columns = [
            name
            for name in self.columns(state, table)
            if name not in LEFT_OUT_COLUMNS.get(table, ())
        ]
        terms = dict(replaced)
        written = [f"{terms.get(name, name)} as {name}" for name in columns]
        condition = LEFT_OUT_ROWS.get(table, "true")
        rows = f"(from {state}.{table} where {condition})"
        return f"select {', '.join(written)} from {rows} as {table}"

    def undated_differences(self, state, full):
        """What differs from a full build in the tables without dates."""
        names = "the warehouse", "a full build"
        return [
            difference
            for table in self.tables(full, dated=False)
            if table not in LEFT_OUT
            for difference in self.differences(
                table,
                self.selection(state, table),
                self.selection(full, table),
                names,
            )
        ]

    def dated_differences(self, state, full, left_out):
        """What differs from a full build in the dated tables, but for some dates."""
        names = "the warehouse", "a full build"
        followed = self.followed_alike(state, full, left_out)
        found = []
        for table in self.tables(full, dated=True):
            if table in LEFT_OUT:
                continue
            one, other = (
                self.selection_of_open_dates(each, table, left_out, followed)
                for each in (state, full)
            )
            found += self.differences(table, one, other, names)
        return found

    def selection_of_open_dates(self, state, table, left_out, followed):
        is_open = f"cast(as_of_date as varchar) not in {listed(left_out)}"
        if table not in FOLLOWING:
            return f"{self.selection(state, table)} where {is_open}"
        columns = self.columns(state, table)
        compared = "compared_as_of_date"
        if compared not in columns:
            compared = (
                f"(select previous_as_of_date from {state}.int_as_of_dates as dates"
                f" where dates.as_of_date = {table}.as_of_date)"
            )
        pair = f"concat_ws(' ', as_of_date, coalesce({compared}, as_of_date))"
        pairs = f"{pair} in {listed(followed)}"
        if FOLLOWING[table] is None:
            return f"{self.selection(state, table)} where {is_open} and {pairs}"
        replaced = [
            (column, f"case when {pairs} then {column} end")
            for column in FOLLOWING[table]
        ]
        return f"{self.selection(state, table, replaced)} where {is_open}"

    def followed_alike(self, state, full, left_out):
        """Pairs of a date and an earlier one that both states follow, and agree on.

        A date that follows none has itself as the earlier one.
        """
        who = (
            "select user_id, segmentation, segment from {0}.segment_memberships"
            " where as_of_date = '{1}'"
            " union all select user_id, null, null from {0}.user_facts"
            " where as_of_date = '{1}'"
        )
        alike = {
            day
            for day in self.dates(full)
            if day not in left_out
            or not self.differences(
                "", who.format(state, day), who.format(full, day), ("", "")
            )
        }
        pairs = self.followed(state) & self.followed(full)
        return {(day, before) for day, before in pairs if before in alike}

    def followed(self, state):
        """Pairs of a date and one that it is compared with."""
        found = self.query(
            "select as_of_date, coalesce(previous_as_of_date, as_of_date) as before"
            f" from {state}.int_as_of_dates"
            " union"
            " select as_of_date, compared_as_of_date"
            f" from {state}.segment_drift"
        )
        return {tuple(row.values()) for row in found}

    # What closed dates were when they closed

    def publish(self, state, closed):
        """Keep the rows of dates that close with a state."""
        self.connection.execute("create schema if not exists published")
        for table in self.published_tables(state):
            self.connection.execute(
                f"create table if not exists published.{table} as"
                f" from {state}.{table} limit 0"
            )
            self.connection.execute(
                f"insert into published.{table} from {state}.{table}"
                f" where cast(as_of_date as varchar) in {listed(closed)}"
            )

    def published_tables(self, state):
        return [
            table
            for table in self.tables(state, dated=True)
            if table not in NOT_PUBLISHED and table not in LEFT_OUT
        ]

    def published_differences(self, state, closed, current):
        """Where a state does not keep what was published of closed dates.

        Which date is the current one is the one thing that moves on.
        """
        is_current = ("is_current", f"(as_of_date = '{current}')")
        kept = closed & self.dates(state)

        def is_closed(table):
            dates = closed if table in KEPT_FOR_GOOD else kept
            return f"cast(as_of_date as varchar) in {listed(dates)}"

        return [
            difference
            for table in self.published_tables(state)
            for difference in self.differences(
                table,
                f"{self.selection(state, table)} where {is_closed(table)}",
                f"{self.selection('published', table, [is_current])}"
                f" where {is_closed(table)}",
                ("the warehouse", "what was published"),
            )
        ]

    # Members

    def members(self, state):
        """The users of each segment, by date."""
        return self.members_by_date(
            "select as_of_date, user_id, segmentation, segment"
            f" from {state}.segment_memberships"
        )

    def members_of_intervals(self, state):
        """The same as the intervals tell it, for the dates that there are."""
        return self.members_by_date(
            "select dates.as_of_date, user_id, segmentation, segment"
            f" from {state}.segment_membership_intervals as intervals"
            f" inner join (select distinct as_of_date from {state}.segment_memberships)"
            " as dates on valid_from_date <= dates.as_of_date"
            " and (valid_to_date is null or valid_to_date > dates.as_of_date)"
        )

    def members_by_date(self, sql):
        found = {}
        for day, *member in self.connection.execute(sql).fetchall():
            found.setdefault(day, Counter())[tuple(member)] += 1
        return found

    def members_of_changes(self, state):
        """The same as the log of changes tells it, from its beginning on."""
        entered, left = (
            self.members_by_date(
                "select as_of_date, user_id, segmentation, segment"
                f" from {state}.segment_membership_changes where change = '{change}'"
            )
            for change in ("entered", "left")
        )
        found, now = {}, Counter()
        for day in sorted({*entered, *left, *self.members(state)}):
            now.update(entered.get(day, {}))
            now.subtract(left.get(day, {}))
            found[day] = Counter({one: count for one, count in now.items() if count})
        return found


def listed(values):
    """Dates, or pairs of dates, as a list of texts in SQL that may be empty."""
    texts = [
        " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for value in sorted(values)
    ]
    return f"({', '.join(map(repr, ['', *texts]))})"
