#!/usr/bin/env python3
"""Make raw input of any CSV, TSV or Parquet file of orders or events.

    scripts/load_csv.py orders.csv \\
        --user customer_id --time order_date --revenue revenue --event-name purchase
    scripts/load_csv.py clicks.csv.gz \\
        --user user_id --time timestamp --event event --all-properties
    scripts/load_csv.py orders.parquet \\
        --user id --time at --event-name purchase --property item_group=category \\
        --users customers.csv --profile id=user_id --profile joined=signed_up_at \\
        --all-traits

No row is dropped. A time or number that cannot be read is counted, named in the output
and handed on as it stands, so that staging rejects the row with a reason. Without
--event-id the id of a row is the md5 of all its columns and its number among identical
rows: two identical order lines are two events, and loading a file twice gives the same
ids. Times are converted to UTC; those without an offset are in --time-zone.
"""

import argparse
import csv
import difflib
import glob
import gzip
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from raw_contract import (
    CONTRACT,
    EVENT_COLUMNS,
    USER_COLUMNS,
    RawInputError,
    json_object,
    next_step,
    query,
    raw_folder,
    shown,
    summary,
    write_raw,
)

PROGRAM = "load_csv"

EVENT_OPTIONS = {
    "--event-id": "event_id",
    "--event": "event_name",
    "--time": "occurred_at",
    "--received": "received_at",
    "--user": "user_id",
    "--anonymous": "anonymous_id",
}
EVENT_OPTIONS |= {
    "--" + column.replace("_", "-"): column
    for column in EVENT_COLUMNS
    if column not in EVENT_OPTIONS.values()
}
"""One option per column of raw `events`; its value is a column of the file."""

# A cast alone is too generous: it takes 1_000 for a number and `epoch` for a time.
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
TIME = DATE + r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?"

SECONDS_PER_TICK = {"epoch": 1, "epoch_ms": 0.001}
LATEST_EPOCH = 253402300799
"""The end of the year 9999; above it the numbers are not of the unit that was named."""


@dataclass(frozen=True)
class Source:
    """A file as a relation with columns c0, c1, …

    The names of the file's columns are data: they are looked up here and become JSON
    keys through parameters, but never identifiers. So quotes, SQL or two names that
    differ only in case can do no harm.
    """

    path: Path
    names: list[str]
    types: list[str]
    relation: str
    parameters: dict

    def column(self, name, option):
        """Return the SQL name of a column, or say which columns there are."""
        if name not in self.names:
            raise RawInputError(
                f"{self.path.name} has no column {name!r} (given with {option}). "
                f"It has: {', '.join(self.names)}.{did_you_mean(name, self.names)}"
            )
        return f"c{self.names.index(name)}"

    def row_id(self):
        """Return SQL for the id of a row: its content and number among its equals."""
        values = ", ".join(f"cast(c{i} as varchar)" for i in range(len(self.names)))
        # A JSON list keeps apart what gluing would not: null and '', 'ab' and 'a', 'b'.
        content = f"md5(cast(to_json([{values}]) as varchar))"
        return f"{content} || '-' || row_number() over (partition by {content})"

    def renamed(self, argument, option):
        """Return the SQL name and the new name of COLUMN or COLUMN=NAME."""
        column, equals, name = argument.rpartition("=")
        if argument in self.names or not equals:
            column = name = argument
        return self.column(column, option), name


@dataclass
class Mapping:
    """How the columns of a file fill a raw table: column of the table to SQL value."""

    table: str
    source: Source
    parameters: dict
    fields: dict[str, str] = field(default_factory=dict)
    filled_by: dict[str, str] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)
    original_name: str | None = None

    def bind(self, value):
        """Return the parameter that stands for a value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def fill(self, column, value, option):
        """Let an SQL value fill a column of the table, which only one option may do."""
        if column in self.fields:
            raise RawInputError(
                f"{self.filled_by[column]} and {option} both fill {column}."
            )
        self.fields[column] = value
        self.filled_by[column] = option

    def fill_object(self, column, option, chosen, everything):
        """Fill the JSON column of the table with chosen or all unmapped columns."""
        values = {}
        for argument in chosen:
            value, name = self.source.renamed(argument, option)
            if name in values:
                raise RawInputError(f"{option} fills {name!r} twice.")
            values[name] = value
        if everything:
            used = {*values.values(), *self.fields.values()}
            for index, name in enumerate(self.source.names):
                if f"c{index}" in used:
                    continue
                if name in values:
                    raise RawInputError(f"{option} hides the column {name!r}.")
                values[name] = f"c{index}"
        if values:
            members = {self.bind(name): self._member(v) for name, v in values.items()}
            self.fill(column, json_object(members), option)

    def rename_events(self, pairs):
        """Let the events of OLD=NEW pairs have their new names."""
        for pair in pairs:
            old, _, new = pair.rpartition("=")
            if not old or not new:
                raise RawInputError(f"--event-map {pair!r} is not of the form OLD=NEW.")
            if old in self.renames:
                raise RawInputError(f"--event-map renames {old!r} twice.")
            self.renames[old] = new
        old = self.bind(list(self.renames))
        new = self.bind(list(self.renames.values()))
        self.original_name = f"cast({self.fields['event_name']} as varchar)"
        self.fields["event_name"] = (
            f"coalesce(map({old}, {new})[{self.original_name}], {self.original_name})"
        )

    def _member(self, column):
        """JSON has no NaN and no infinity; either would make the object unreadable."""
        if self.source.types[int(column[1:])] in ("FLOAT", "DOUBLE"):
            return f"case when isfinite({column}) then {column} end"
        return column


def main(argv=None):
    """Load what the arguments say; return the exit code."""
    arguments = parser().parse_args(argv)
    try:
        load(arguments)
    except (RawInputError, OSError, duckdb.IOException) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    return 0


def parser():
    """Return the command line."""
    result = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # An abbreviation could fill another column than the one that was meant.
        allow_abbrev=False,
    )
    result.add_argument(
        "file", type=Path, help="CSV, TSV (either may be .gz) or Parquet"
    )
    result.add_argument(
        "--name", help="name of the data set (default: that of the file)"
    )
    result.add_argument(
        "--output", type=Path, metavar="FOLDER", help="default: data/NAME/raw"
    )
    reading = result.add_argument_group("reading")
    reading.add_argument(
        "--separator", help="between columns; default: the one of , ; tab | in line 1"
    )
    reading.add_argument(
        "--time-zone", default="UTC", help="of times without an offset"
    )
    reading.add_argument(
        "--time-format", help="of every time, as in strptime; or epoch, epoch_ms"
    )
    events = result.add_argument_group("events: which column of the file fills which")
    for option, column in EVENT_OPTIONS.items():
        collected(events, option, "COLUMN", f"fills {column}", dest=f"{column}_columns")
    collected(events, "--event-name", "NAME", "one event name for every row")
    collected(events, "--event-map", "OLD=NEW", "renames an event of the file; repeat")
    collected(events, "--property", "COLUMN[=NAME]", "becomes a property; repeat")
    events.add_argument(
        "--all-properties",
        action="store_true",
        help="every column that fills nothing else becomes a property",
    )
    users = result.add_argument_group("users")
    users.add_argument(
        "--users",
        type=Path,
        metavar="FILE",
        help="a file of profiles (it may be the same file); identical ones count once",
    )
    fields = ", ".join(USER_COLUMNS)
    collected(users, "--profile", "COLUMN[=FIELD]", f"fills one of: {fields}; repeat")
    collected(users, "--trait", "COLUMN[=NAME]", "becomes a trait; repeat")
    users.add_argument(
        "--all-traits",
        action="store_true",
        help="every column of the users file that fills nothing else becomes a trait",
    )
    return result


def collected(group, option, metavar, text, **settings):
    """Add an option that keeps all its uses, so that none silently replaces another."""
    group.add_argument(
        option, action="append", default=[], metavar=metavar, help=text, **settings
    )


def load(arguments):
    """Load the events and, when given, the users; print what was done."""
    name = data_set_name(arguments)
    folder = arguments.output or raw_folder(name)
    connection = duckdb.connect()
    set_time_zone(connection, arguments.time_zone)
    check_time_format(connection, arguments.time_format)

    source = open_file(connection, arguments.file, arguments.separator)
    mappings = [event_mapping(source, arguments)]
    if arguments.users:
        users = open_file(connection, arguments.users, arguments.separator)
        mappings.append(user_mapping(users, arguments))
    elif arguments.profile or arguments.trait or arguments.all_traits:
        raise RawInputError("--profile, --trait and --all-traits need --users FILE.")

    report = []
    for mapping in mappings:
        report += read(connection, mapping, arguments.time_format)
        report += findings(connection, mapping)

    tables = {mapping.table: mapping.table for mapping in mappings}
    refuse_to_replace_input(folder, tables, mappings)
    write_raw(connection, folder, tables)
    print(*report, *summary(connection, folder, tables), sep="\n")
    print(next_step(folder, name))


def data_set_name(arguments):
    """Return a name that can be a folder and a word on a command line."""
    if arguments.name is None:
        stem = Path(arguments.file.name.removesuffix(".gz")).stem
        return re.sub(r"[^A-Za-z0-9-]+", "_", stem).strip("_-") or "data"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", arguments.name):
        raise RawInputError(
            f"--name {arguments.name!r} may hold letters, digits, _ and - only."
        )
    return arguments.name


def set_time_zone(connection, time_zone):
    """Let times without an offset be of a time zone: casts read the session's."""
    try:
        query(connection, "set TimeZone = $zone", {"zone": time_zone})
    except duckdb.Error:
        rows = query(connection, "select name from pg_timezone_names()")
        zones = [zone for (zone,) in rows]
        raise RawInputError(
            f"--time-zone {time_zone!r} is not known.{did_you_mean(time_zone, zones)}"
        ) from None


def check_time_format(connection, time_format):
    """Say what is wrong with a format before any row is blamed for it."""
    if time_format is None or time_format in SECONDS_PER_TICK:
        return
    try:
        query(connection, "select try_strptime('', $format)", {"format": time_format})
    except duckdb.Error as error:
        raise RawInputError(
            f"--time-format {time_format!r} is no format: {first_lines(error)}"
        ) from None


def open_file(connection, path, separator):
    """Return a file as a source after the checks that need none of its rows."""
    if not path.is_file():
        raise RawInputError(f"there is no file {path}.")
    if path.stat().st_size == 0:
        raise RawInputError(f"{path.name} is empty.")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            source = open_parquet(connection, path)
        else:
            source = open_text(path, separator)
    except (duckdb.Error, csv.Error, UnicodeError, EOFError, gzip.BadGzipFile) as error:
        raise RawInputError(
            f"{path.name} cannot be read: {first_lines(error)}"
        ) from None
    if twice := sorted({n for n in source.names if source.names.count(n) > 1}):
        raise RawInputError(f"{path.name} has more than one column {twice[0]!r}.")
    return source


def open_parquet(connection, path):
    """Return a Parquet file as a source; its columns keep their types."""
    # A folder called a=b on the way to the file is no column of it.
    reader = "read_parquet($path, hive_partitioning = false)"
    parameters = {"path": glob.escape(str(path.resolve()))}
    columns = query(connection, f"describe select * from {reader}", parameters)
    aliases = ", ".join(f"c{index}" for index in range(len(columns)))
    return Source(
        path=path,
        names=[name for name, *_ in columns],
        types=[kind for _, kind, *_ in columns],
        relation=f"{reader} as source({aliases})",
        parameters=parameters,
    )


def open_text(path, separator):
    """Return a CSV or TSV file as a source of text columns."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        first = lines.readline()
        separator = checked_separator(separator) or likely_separator(path, first)
        lines.seek(0)
        names = next(csv.reader(lines, delimiter=separator), [])
    if not any(name.strip() for name in names):
        raise RawInputError(f"{path.name} has no column names in its first line.")
    # The layout is stated in full: DuckDB's own detection skips lines that do not fit.
    columns = ", ".join(f"c{index}: 'varchar'" for index in range(len(names)))
    return Source(
        path=path,
        names=names,
        types=["VARCHAR"] * len(names),
        relation=(
            f"read_csv($path, columns = {{{columns}}}, delim = $separator, "
            "quote = '\"', escape = '\"', header = true, "
            "auto_detect = false, hive_partitioning = false)"
        ),
        parameters={"path": glob.escape(str(path.resolve())), "separator": separator},
    )


def checked_separator(separator):
    """Return a separator as one character; a shell user writes \\t for a tab."""
    if separator is None:
        return None
    separator = {"\\t": "\t", "tab": "\t"}.get(separator, separator)
    if len(separator) != 1 or separator in '"\r\n':
        raise RawInputError(f"--separator {separator!r} is no character like , or \\t.")
    return separator


def likely_separator(path, first_line):
    """Return the separator that is most often in the first line, outside quotes."""
    if Path(path.name.removesuffix(".gz")).suffix.lower() in (".tsv", ".tab"):
        return "\t"
    bare = re.sub(r'"[^"]*"', "", first_line)
    return max(",;\t|", key=bare.count)


def event_mapping(source, arguments):
    """Return how a file fills raw `events`."""
    mapping = Mapping("events", source, dict(source.parameters))
    for option, column in EVENT_OPTIONS.items():
        for name in getattr(arguments, f"{column}_columns"):
            mapping.fill(column, source.column(name, option), f"{option} {name}")

    for name in arguments.event_name:
        if not name.strip():
            raise RawInputError("--event-name is empty.")
        mapping.fill("event_name", mapping.bind(name), f"--event-name {name}")
    for wanted, advice in (
        (("event_name",), "what happened: --event COLUMN or --event-name NAME"),
        (
            ("user_id", "anonymous_id"),
            "whose it is: --user COLUMN or --anonymous COLUMN",
        ),
        (("occurred_at",), "when it happened: --time COLUMN"),
    ):
        if not mapping.fields.keys() & set(wanted):
            raise RawInputError(
                f"say {advice}. {source.path.name} has: {', '.join(source.names)}."
            )
    mapping.fill_object(
        "properties", "--property", arguments.property, arguments.all_properties
    )
    if arguments.event_map:
        if not arguments.event_name_columns:
            raise RawInputError("--event-map needs --event COLUMN.")
        mapping.rename_events(arguments.event_map)
    if "event_id" not in mapping.fields:
        mapping.fill("event_id", source.row_id(), "--event-id")
    return mapping


def user_mapping(source, arguments):
    """Return how a file fills raw `users`."""
    mapping = Mapping("users", source, dict(source.parameters))
    for argument in arguments.profile:
        value, name = source.renamed(argument, "--profile")
        if name not in USER_COLUMNS:
            raise RawInputError(
                f"--profile {argument}: users have no {name!r}. "
                f"They have: {', '.join(USER_COLUMNS)}; anything else is a --trait."
                f"{did_you_mean(name, USER_COLUMNS)}"
            )
        mapping.fill(name, value, f"--profile {argument}")
    if "user_id" not in mapping.fields:
        raise RawInputError(
            "say whose profiles they are: --profile COLUMN=user_id. "
            f"{source.path.name} has: {', '.join(source.names)}."
        )
    mapping.fill_object("traits", "--trait", arguments.trait, arguments.all_traits)
    return mapping


def read(connection, mapping, time_format):
    """Read a file into the view of its raw table; return lines that say what was read.

    A column with a value that cannot be read is text, in which the readable values have
    the form of their type and the others are as in the file.
    """
    table, path = mapping.table, mapping.source.path
    kinds = CONTRACT[table]
    typed = [name for name in mapping.fields if kinds[name] != "varchar"]
    create_rows(connection, mapping, typed, time_format)
    [(rows,)] = query(connection, f"select count(*) from {table}_rows")
    if not rows:
        raise RawInputError(f"{path.name} has column names but no rows.")

    lines = [f"{table}: {rows:,} rows read from {path.name}"]
    columns = []
    for name in mapping.fields:
        given = mapping.filled_by[name]
        if name in typed:
            readable, unreadable, example = count_readable(connection, table, name)
            if name == "occurred_at" and not readable:
                raise RawInputError(
                    f"not one of the {rows:,} values of {given} can be read as a time; "
                    f"one is {example or ''!r}. Give the column of the time, or "
                    "--time-format."
                )
            if unreadable:
                lines.append(
                    f"  {unreadable:,} unreadable in {name} ({given}), kept as text, "
                    f"for example {example!r}"
                )
                name = f"coalesce(cast({name} as varchar), {name}_text) as {name}"
        columns.append(name)
    # Identical profiles say the same thing; identical events are two events.
    distinct = "distinct " if table == "users" else ""
    query(
        connection,
        f"create temp view {table} as "
        f"select {distinct}{', '.join(columns)} from {table}_rows",
    )
    return lines


def create_rows(connection, mapping, typed, time_format):
    """Create the rows of a raw table: text, and typed values beside their text."""
    source = mapping.source
    readers = value_readers(mapping, time_format)
    columns = []
    for name, value in mapping.fields.items():
        text = f"cast({value} as varchar)"
        if name in typed:
            text = f"nullif(trim({text}), '')"
            columns.append(f"{text} as {name}_text")
            text = readers[CONTRACT[mapping.table][name]](f"{name}_text")
        columns.append(f"{text} as {name}")
    try:
        query(
            connection,
            f"create temp table {mapping.table}_rows as "
            f"select {', '.join(columns)} from {source.relation}",
            mapping.parameters,
        )
    except duckdb.Error as error:
        raise RawInputError(
            f"{source.path.name} cannot be read: {first_lines(error)}"
        ) from None


def value_readers(mapping, time_format):
    """Return for each type of the contract what makes SQL that reads it from text."""

    def number(text):
        return (
            f"case when regexp_full_match({text}, '{NUMBER}') "
            f"then try_cast({text} as decimal(18, 4)) end"
        )

    def whole_number(text):
        # The cast to integer rounds; 2.5 units are not 2 or 3.
        return (
            f"case when {number(text)} = trunc({number(text)}) "
            f"then try_cast({number(text)} as integer) end"
        )

    def moment(text):
        if time_format in SECONDS_PER_TICK:
            seconds = f"try_cast({text} as double) * {SECONDS_PER_TICK[time_format]}"
            instant = (
                f"case when regexp_full_match({text}, '{NUMBER}') "
                f"and abs({seconds}) <= {LATEST_EPOCH} then to_timestamp({seconds}) end"
            )
        elif time_format:
            format_ = mapping.bind(time_format)
            instant = f"cast(try_strptime({text}, {format_}) as timestamptz)"
        else:
            # The cast wants an offset to follow the time without a space.
            joined = f"regexp_replace({text}, ' ([+-])', '\\1')"
            instant = (
                f"case when regexp_full_match({text}, '{TIME}') "
                f"then try_cast({joined} as timestamptz) end"
            )
        return f"{instant} at time zone 'UTC'"

    def day(text):
        # Dates are never shifted: a time of day behind one is cut off, not converted.
        return (
            f"case when regexp_matches({text}, '^{DATE}($|[ T])') "
            f"then try_cast(regexp_extract({text}, '{DATE}') as date) end"
        )

    def truth(text):
        return (
            f"case when lower({text}) in ('true', 't', 'yes', 'y', '1') then true "
            f"when lower({text}) in ('false', 'f', 'no', 'n', '0') then false end"
        )

    return {
        "decimal(18,4)": number,
        "integer": whole_number,
        "timestamp": moment,
        "date": day,
        "boolean": truth,
    }


def count_readable(connection, table, column):
    """Return how many texts of a column have a value, how many none, and one such."""
    without = f"filter (where {column} is null and {column}_text is not null)"
    [result] = query(
        connection,
        f"select count({column}), count(*) {without}, min({column}_text) {without} "
        f"from {table}_rows",
    )
    return result


def findings(connection, mapping):
    """Return lines about what was read, above all what is most likely not meant."""
    if mapping.table == "users":
        return profile_lines(connection, mapping)
    return unusable_events(connection, mapping) + unused_renames(connection, mapping)


def profile_lines(connection, mapping):
    """Without the time of a change nobody can tell which of two profiles is today's."""
    [(rows, users, several)] = query(
        connection,
        """
        select sum(profiles), count(*), count(*) filter (where profiles > 1)
        from (select count(*) as profiles from users group by user_id)
        """,
    )
    lines = [f"  {rows:,} different profiles of {users:,} users"]
    if several and "updated_at" not in mapping.fields:
        lines.append(
            f"  {several:,} users have several: say since when with "
            "--profile COLUMN=updated_at"
        )
    return lines


def unusable_events(connection, mapping):
    """Count the events that lack what the contract requires."""
    lines = []
    for meaning, required in (
        ("event id", ["event_id"]),
        ("event name", ["event_name"]),
        ("time", ["occurred_at"]),
        ("user or anonymous id", ["user_id", "anonymous_id"]),
    ):
        texts = [
            f"nullif(trim(cast({name} as varchar)), '')"
            for name in required
            if name in mapping.fields
        ]
        [(rows,)] = query(
            connection,
            f"select count(*) from events where coalesce({', '.join(texts)}) is null",
        )
        if rows:
            lines.append(f"  {rows:,} without {meaning}: dbt will reject them")
    return lines


def unused_renames(connection, mapping):
    """A rename of an event that the file does not have is likely a typing error."""
    if not mapping.renames:
        return []
    source = mapping.source
    names = query(
        connection,
        f"select distinct {mapping.original_name} from {source.relation}",
        source.parameters,
    )
    known = [name for (name,) in names if name is not None]
    return [
        f"  --event-map: no event is called {old!r}.{did_you_mean(old, known)}"
        for old in mapping.renames
        if old not in known
    ]


def refuse_to_replace_input(folder, tables, mappings):
    """Never overwrite the file that is being loaded."""
    for table in tables:
        target = (folder / f"{table}.parquet").resolve()
        for mapping in mappings:
            if mapping.source.path.resolve() == target:
                raise RawInputError(
                    f"{shown(target)} would be replaced by what is made of it. "
                    "Give another --output."
                )


def did_you_mean(wrong, known):
    """Return a sentence with the nearest known name, or nothing."""
    lower = {name.lower(): name for name in known}
    nearest = difflib.get_close_matches(wrong.lower(), lower, n=1, cutoff=0.5)
    return f" Did you mean {lower[nearest[0]]!r}?" if nearest else ""


def first_lines(error):
    """Return the part of a message that says what is wrong, without DuckDB's advice."""
    lines = str(error).split("Possible")[0].splitlines()
    return " ".join(line.strip()[:200] for line in lines[:5] if line.strip())


if __name__ == "__main__":
    raise SystemExit(main())
