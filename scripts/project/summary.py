"""The summary after a build: what came in, who is in which segment, what to look at."""

import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import duckdb

from project import findings
from project.console import (
    WIDTH,
    change,
    count,
    counted,
    decimal,
    heading,
    say,
    share,
    table,
)

MOST_SEGMENTS = 8
"""Segments shown of one segmentation; of more, the largest."""
MOST_ROWS = 8
"""Rows shown of movements and of overlaps, the biggest."""


@dataclass(frozen=True)
class Build:
    """The tables and the dbt artifacts that a build left behind."""

    connection: duckdb.DuckDBPyConnection
    manifest: dict
    run_results: dict

    @property
    def models(self):
        """The models that are switched on, by their names."""
        nodes = self.manifest["nodes"].values()
        return {
            node["name"]: node for node in nodes if node["resource_type"] == "model"
        }

    def relation(self, model):
        """Schema and name of a table, which differ by target; None if not built."""
        node = self.models.get(model)
        if node and self.exists(node["schema"], node["alias"]):
            return f"{node['schema']}.{node['alias']}"
        return None

    def exists(self, schema, name):
        query = (
            "select count(*) from information_schema.tables "
            "where table_schema = ? and table_name = ?"
        )
        return self.connection.execute(query, [schema, name]).fetchone()[0] > 0

    def rows(self, query):
        """Rows of a query in which {model} stands for that model's table.

        None when one of its tables is not built, as after building a selection.
        """
        models = re.findall(r"{(\w+)}", query)
        relations = {model: self.relation(model) for model in models}
        if None in relations.values():
            return None
        return self.connection.execute(query.format(**relations)).fetchall()


def show(warehouse: Path, target: Path):
    """Print the summary of a build, from its tables and dbt's files in `target`."""
    manifest, run_results = (
        json.loads((target / f"{name}.json").read_text())
        for name in ("manifest", "run_results")
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        build = Build(connection, manifest, run_results)
        for part in (
            show_raw_rows,
            show_segments,
            show_movements,
            show_overlaps,
            show_drift,
            show_health,
            show_warnings,
            show_switched_off,
            show_unlisted,
        ):
            try:
                part(build)
            except duckdb.BinderException as error:
                # After a change of columns and the build of a selection.
                say(f"\nNot shown, since a table is of an older build: {error}")


def show_table(headers, rows):
    for line in table(headers, rows):
        say(line)


def show_raw_rows(build):
    rows = build.rows(
        """
        select source_table, row_count, kept_row_count, duplicate_row_count,
            rejected_row_count, unreadable_value_row_count, unreadable_json_row_count
        from {raw_row_counts}
        order by source_table
        """
    )
    if rows is None:
        return
    heading("Rows read")
    show_table(
        ["table", "rows in", "kept", "duplicates", "rejected", "bad value", "bad JSON"],
        [[name, *map(count, numbers)] for name, *numbers in rows],
    )


def show_segments(build):
    dates = build.rows(
        """
        select count(distinct as_of_date), min(as_of_date),
            max(as_of_date) filter (where is_current),
            max(previous_as_of_date) filter (where is_current),
            bool_or(is_provisional) filter (where is_current)
        from {segment_sizes}
        """
    )
    if dates is None:
        return
    date_count, first, current, previous, is_provisional = dates[0]
    heading("Segments")
    if not date_count:
        say("No date has been computed: there are no events.")
        return
    note = ", provisional: the day may not be complete" if is_provisional else ""
    since = f"; change since {previous}" if previous else ""
    dates_kept = f"{counted(date_count, 'date')} from {first} on"
    say(textwrap.fill(f"As of {current}{note}; {dates_kept}{since}.", WIDTH) + "\n")
    idle = idle_segmentations(build)
    show_table(
        ["segmentation", "segment", "users", "share", "change", "minimum", ""],
        list(size_rows(build, idle)),
    )
    if idle:
        words = (
            f"Nobody is in a segment by a rule of: {', '.join(idle)}. Where your data lack "
            "what these rules ask for, take the names off the variable segmentations in "
            "dbt_project.yml."
        )
        say("\n" + textwrap.fill(words, WIDTH))


def idle_segmentations(build):
    """Those of which nobody has a segment, but for that of all whom no rule matches."""
    rows = build.rows(
        """
        select sizes.segmentation
        from {segment_sizes} as sizes
        left join {segment_definitions} as defined
            on sizes.segmentation = defined.segmentation
                and sizes.segment = defined.segment and defined.is_current
        where sizes.is_current
        group by sizes.segmentation
        having sum(sizes.user_count) filter (
            where not coalesce(defined.is_otherwise, false)
        ) = 0
        order by sizes.segmentation
        """
    )
    return [name for (name,) in rows or []]


def size_rows(build, left_out):
    """Table rows of the current sizes, each segmentation named once."""
    rows = build.rows(
        """
        select segmentation, segment, user_count, population_share,
            user_count - previous_user_count, min_size, is_below_min_size,
            row_number() over of_segmentation as place,
            count(*) over (partition by segmentation) as segment_count
        from {segment_sizes}
        where is_current
        window of_segmentation as (
            partition by segmentation order by user_count desc, segment
        )
        order by segmentation, place
        """
    )
    for segmentation, segment, *sizes, place, segment_count in rows:
        if segmentation in left_out:
            continue
        if place <= MOST_SEGMENTS:
            yield [segmentation if place == 1 else "", segment, *size_cells(*sizes)]
        elif place == segment_count:
            yield ["", f"({place - MOST_SEGMENTS} smaller ones)", *[""] * 5]


def size_cells(users, part, moved, minimum, is_small):
    flag = "TOO SMALL" if is_small else ""
    return [count(users), share(part), change(moved), count(minimum), flag]


def show_movements(build):
    rows = build.rows(
        """
        select segmentation, from_segment, to_segment, user_count, from_share,
            previous_as_of_date
        from {segment_transitions}
        where is_current and from_segment <> to_segment
        order by user_count desc, segmentation, from_segment, to_segment
        """
    )
    if not rows:
        return
    heading(f"Biggest movements since {rows[0][-1]}")
    show_table(
        ["segmentation", "from", "to", "users", "share of from"],
        [[*names, count(n), share(part)] for *names, n, part, _ in rows[:MOST_ROWS]],
    )


def show_overlaps(build):
    rows = build.rows(
        """
        select segmentation_a || '.' || segment_a, segmentation_b || '.' || segment_b,
            both_user_count, jaccard_share, lift
        from {segment_overlap}
        where is_current and segmentation_a <> segmentation_b and both_user_count > 0
            and both_user_count not in (user_count_a, user_count_b)
            and not exists (
                select 1 from {segment_definitions} as defined
                where defined.is_current and defined.is_otherwise
                    and (defined.segmentation, defined.segment) in (
                        (segmentation_a, segment_a), (segmentation_b, segment_b)
                    )
            )
        order by jaccard_share desc, 1, 2
        """
    )
    if not rows:
        return
    heading("Biggest overlaps between segmentations")
    say("Sorted by Jaccard share (users in both of users in either). Left out are pairs")
    say("in which one lies wholly inside the other, and who matches no rule.\n")
    show_table(
        ["segment", "other segment", "in both", "Jaccard share", "lift"],
        [
            [*names, count(both), share(jaccard), decimal(lift, 2)]
            for *names, both, jaccard, lift in rows[:MOST_ROWS]
        ],
    )


def show_drift(build):
    rows = build.rows(
        """
        select segmentation, comparison, compared_as_of_date,
            population_stability_index, membership_stability_share,
            most_changed_segment, is_beyond_noise, status
        from {segment_drift}
        where is_current
        order by list_position(['alert', 'warn', 'ok'], status), segmentation,
            comparison desc
        """
    )
    if not rows:
        return
    heading("Drift")
    show_table(
        ["segmentation", "compared with", "of", "psi", "stayed", "changed most", ""],
        [
            [*names, decimal(psi, 3), share(stayed), most if is_real else "", status]
            for *names, psi, stayed, most, is_real, status in rows[:MOST_ROWS]
        ],
    )
    if len(rows) > MOST_ROWS:
        say(f"and {len(rows) - MOST_ROWS} more in segment_drift")
    show_changes_beyond_noise(build)


def show_changes_beyond_noise(build):
    """Shares and facts of segments that reach a threshold, the clearest first."""
    rows = build.rows(
        """
        select segmentation || '.' || segment, 'share of users' as what, comparison,
            compared_population_share as before, population_share as after,
            null as value, status, abs(z_score) as z_score
        from {segment_share_drift}
        where is_current and status <> 'ok'
        union all
        select segmentation || '.' || segment, fact, comparison,
            compared_mean_value, mean_value, most_changed_value, status, z_score
        from {segment_fact_drift}
        where is_current and status <> 'ok'
        order by list_position(['alert', 'warn'], status), what <> 'share of users',
            comparison desc, z_score desc, 1, what
        """
    )
    if not rows:
        return
    heading("Changed within segments by more than chance")
    show_table(
        ["segment", "what", "compared with", "before", "now", ""],
        [change_cells(*row) for *row, _ in rows[:MOST_ROWS]],
    )
    if len(rows) > MOST_ROWS:
        say(f"and {len(rows) - MOST_ROWS:,} more in segment_share_drift and")
        say("segment_fact_drift, where is_current and status is not ok")


def change_cells(segment, what, comparison, before, after, value, status):
    """Shares as such, numbers by their means, texts by the one that changed most."""
    if what == "share of users":
        cells = share(before), share(after)
    else:
        cells = decimal(before, 2), value or decimal(after, 2)
    return [segment, what, comparison, *cells, status]


def show_health(build):
    """Segments that should not stay as they are, the clearest first."""
    rows = build.rows(
        """
        select segmentation, segment, user_count, recommendation, reason
        from {segment_health}
        where recommendation <> 'keep'
        order by list_position(['retire', 'merge', 'refine', 'review'], recommendation),
            finding_count desc, segmentation, segment
        """
    )
    kept = build.rows(
        "select count(*) from {segment_health} where recommendation = 'keep'"
    )
    if rows is None or not rows and not kept[0][0]:
        return
    heading("Are the segments worth having?")
    idle = idle_segmentations(build)
    rows = [row for row in rows if row[0] not in idle]
    all_count = counted(kept[0][0] + len(rows), "segment")
    say(f"Nothing was found against {kept[0][0]:,} of {all_count}.")
    if not rows:
        return
    say("")
    for *name, users, recommendation, reason in rows[:MOST_ROWS]:
        words = f"{recommendation} {'.'.join(name)} ({counted(users, 'user')}): {reason}"
        say(textwrap.fill(words, WIDTH, initial_indent="- ", subsequent_indent="  "))
    if len(rows) > MOST_ROWS:
        say(f"and {len(rows) - MOST_ROWS} more in segment_health")


def show_warnings(build):
    results = build.run_results["results"]
    warned = [result for result in results if result["status"] == "warn"]
    if not warned:
        return
    heading("Warnings")
    for result in warned:
        node = build.manifest["nodes"][result["unique_id"]]
        words = f"{in_words(node)}: {counted(result['failures'] or 0, 'finding')}"
        say(textwrap.fill(words, WIDTH, initial_indent="- ", subsequent_indent="  "))
        number, query = result["failures"] or 0, result["compiled_code"]
        for line in findings.lines(build.connection, query, number):
            say(f"    {line}")
        say(f"  query: {node['compiled_path']}")


def in_words(test):
    """What a test is about: its model and column, then its description or its name."""
    subject = (test.get("attached_node") or "").rpartition(".")[-1]
    column = test.get("column_name")
    place = f"{subject}.{column}" if subject and column else subject
    what = test["description"].strip().removesuffix(".") or short_name(test)
    return f"{place}: {what}" if place else what


def short_name(test):
    """The name of a test as words, without the arguments that dbt appends to it."""
    name = (test.get("test_metadata") or test)["name"]
    return name.removeprefix("assert_").replace("_", " ")


def show_switched_off(build):
    names = sorted(
        {
            node["name"]
            for nodes in build.manifest["disabled"].values()
            for node in nodes
            if node["resource_type"] == "model" and node["name"].startswith("seg_")
        }
    )
    if not names:
        return
    heading("Segmentations that are switched off")
    for name in names:
        say(
            f"switched off: {name} (add '{name.removeprefix('seg_')}' to the variable "
            "segmentations in dbt_project.yml)"
        )


def show_unlisted(build):
    """Name segmentations that are built although the variable does not list them.

    One written by hand is, if it lacks the config `enabled`.
    """
    memberships = build.models.get("segment_memberships")
    if not memberships:
        return
    listed = memberships["depends_on"]["nodes"]
    names = sorted(
        name
        for name, node in build.models.items()
        if name.startswith("seg_") and node["unique_id"] not in listed
    )
    if not names:
        return
    heading("Segmentations without memberships")
    for name in names:
        say(
            f"built, but not listed: {name} (add '{name.removeprefix('seg_')}' to the "
            "variable segmentations)"
        )


def show_queries(published: Path):
    """Print how to query what is published, with examples that work as they stand."""
    with duckdb.connect(str(published), read_only=True) as connection:
        queries = example_queries(connection)
    heading("Where the tables are")
    say(f"In {published}, which no build locks. From the root of the project:\n")
    say('.venv/bin/python -c "import duckdb, sys')
    say(f"tables = duckdb.connect('{published}', read_only=True)")
    say('tables.sql(sys.argv[1]).show(max_rows=100)" \\')
    say(f'"{queries[0]}"')
    if queries[1:]:
        say("\nOther queries to put in its place:")
    for query in queries[1:]:
        say(f"\n{query}")


def example_queries(connection):
    """Queries that work as they stand, about the largest segment, of lifecycle if any."""
    relations = dict(
        connection.execute(
            "select table_name, table_schema || '.' || table_name "
            "from information_schema.tables"
        ).fetchall()
    )
    sizes, memberships, transitions = map(
        relations.get, ("segment_sizes", "segment_memberships", "segment_transitions")
    )
    if not (sizes and memberships and transitions):
        return ["show all tables"]
    largest = connection.execute(
        f"""
        select segmentation, segment
        from {sizes}
        where is_current
        order by segmentation <> 'lifecycle', user_count desc, segmentation, segment
        limit 1
        """
    ).fetchone()
    if not largest:
        return ["show all tables"]
    segmentation, segment = largest
    queries = (
        f"""
        select segmentation, segment, user_count
        from {sizes}
        where is_current
        order by segmentation, user_count desc
        """,
        f"""
        select as_of_date, user_id
        from {memberships}
        where segmentation = '{segmentation}' and segment = '{segment}'
        order by as_of_date desc, user_id
        """,
        f"""
        select segmentation, from_segment, to_segment, user_count
        from {transitions}
        where is_current and from_segment <> to_segment
        order by user_count desc
        """,
    )
    return [textwrap.dedent(query).strip() for query in queries]
