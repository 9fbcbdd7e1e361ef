"""What a build cost: seconds from dbt's run results, rows from the warehouse.

dbt runs several nodes at a time, so the seconds of all of them add up to more than the
build took; a share is one of that sum.
"""

import csv
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import duckdb

from project.console import Problem, count, counted, heading, say, share, table

MOST_ROWS = 15
"""Models and tests shown, the dearest."""


@dataclass(frozen=True)
class Cost:
    """One node of a build."""

    name: str
    kind: str
    """model, seed, test, unit_test or operation."""
    layer: str
    """The folder below models/ in which a model is or, of a test, its model."""
    segmentation: str
    """Of a model seg_<segmentation> and of tests of it; else empty."""
    status: str
    seconds: float
    rows: int | None
    """Rows of the table now; None for views, tests and what was not built."""


@dataclass(frozen=True)
class BuildCosts:
    started_at: str
    elapsed: float
    """Seconds from the first to the last node, without dbt's start."""
    nodes: list[Cost]

    @property
    def seconds(self):
        return sum(node.seconds for node in self.nodes)


def read(warehouse: Path, target: Path):
    """The costs of the last build whose files are in the folder `target`."""
    results = read_artifact(target / "run_results.json")
    nodes = read_artifact(target / "manifest.json")
    known = nodes["nodes"] | nodes["unit_tests"]
    if not warehouse.exists():
        raise Problem(f"There is no warehouse {warehouse}. Build it first: scripts/run")
    with connected(warehouse) as connection:
        costs = [
            cost_of(known[result["unique_id"]], result, known, connection)
            for result in results["results"]
            if result["unique_id"] in known
        ]
    started_at = results["metadata"]["invocation_started_at"]
    return BuildCosts(started_at, results["elapsed_time"], costs)


def connected(warehouse):
    try:
        return duckdb.connect(str(warehouse), read_only=True)
    except duckdb.IOException as error:
        raise Problem(
            f"{warehouse} cannot be read now: {error}\n"
            "Wait for the end of the build that has it, then ask again."
        ) from None


def read_artifact(file: Path):
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        raise Problem(
            f"There is no {file}: no build has left its files there. Run scripts/run, "
            "or name the folder of a plain dbt build: --target-path target"
        ) from None
    except ValueError:
        raise Problem(
            f"{file} is no JSON; a build that was stopped may have left half of it. "
            "Build again."
        ) from None


def cost_of(node, result, known, connection):
    model = tested_model(node, known)
    name = model["name"] if model else ""
    is_segmentation = name.startswith("seg_") and layer_of(model) == "segments"
    return Cost(
        name=node["name"],
        kind=node["resource_type"],
        layer=layer_of(model) if model else "",
        segmentation=name.removeprefix("seg_") if is_segmentation else "",
        status=result["status"],
        seconds=result["execution_time"],
        rows=row_count(node, connection),
    )


def tested_model(node, known):
    """The model that a node is or that it tests; None where it is several or none."""
    if node["resource_type"] == "model":
        return node
    names = node["depends_on"].get("nodes", [])
    only = names[0] if len(names) == 1 else ""
    model = known.get(node.get("attached_node") or only)
    return model if model and model["resource_type"] == "model" else None


def layer_of(model):
    """The folder of a model below models/: the second name of its place."""
    return model["fqn"][1]


def row_count(node, connection):
    """The rows of the table that a node built; None for a view and for no table."""
    if node["resource_type"] not in ("model", "seed"):
        return None
    schema, name = node["schema"], node["alias"]
    found = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?",
        [schema, name],
    ).fetchone()[0]
    if not found:
        return None
    return connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone()[0]


def show(build: BuildCosts):
    """Print what a build cost."""
    say(
        f"The build of {build.started_at[:19].replace('T', ' ')} UTC: "
        f"{counted(len(build.nodes), 'node')} in {build.elapsed:.1f} s, several at a "
        f"time; one after the other {build.seconds:.1f} s"
    )
    heading("By layer")
    show_table(
        ["layer", "models", "seconds", "share", "tests", "seconds of tests"],
        layer_rows(build),
    )
    heading("By segmentation: its own model and tests")
    show_table(
        ["segmentation", "seconds", "share", "rows", "tests", "seconds of tests"],
        segmentation_rows(build),
    )
    heading("The dearest models and tests")
    show_table(
        ["name", "kind", "seconds", "share", "rows"],
        [
            [
                node.name,
                node.kind,
                f"{node.seconds:.2f}",
                share(node.seconds / build.seconds),
                count(node.rows),
            ]
            for node in sorted(build.nodes, key=lambda node: -node.seconds)[:MOST_ROWS]
        ],
    )


def show_table(headers, rows):
    for line in table(headers, rows) or ["none in this build"]:
        say(line)


def layer_rows(build):
    layers = defaultdict(list)
    for node in build.nodes:
        layers[node.layer or "seeds, tests of several models"].append(node)
    rows = []
    for layer, nodes in layers.items():
        models = [node for node in nodes if node.kind == "model"]
        tests = [node for node in nodes if node.kind in ("test", "unit_test")]
        rows.append([layer, models, tests, sum(node.seconds for node in nodes)])
    rows.sort(key=lambda row: -row[-1])
    return [
        [
            layer,
            count(len(models)),
            f"{seconds(models):.1f}",
            share(total / build.seconds),
            count(len(tests)),
            f"{seconds(tests):.1f}",
        ]
        for layer, models, tests, total in rows
    ]


def segmentation_rows(build):
    segmentations = defaultdict(list)
    for node in build.nodes:
        if node.segmentation:
            segmentations[node.segmentation].append(node)
    rows = []
    for name, nodes in segmentations.items():
        models = [node for node in nodes if node.kind == "model"]
        tests = [node for node in nodes if node.kind != "model"]
        rows.append((seconds(models), name, models, tests))
    return [
        [
            name,
            f"{own:.2f}",
            share(own / build.seconds),
            count(models[0].rows if models else None),
            count(len(tests)),
            f"{seconds(tests):.2f}",
        ]
        for own, name, models, tests in sorted(rows, key=lambda row: (-row[0], row[1]))
    ]


def seconds(nodes):
    return sum(node.seconds for node in nodes)


def write_csv(build: BuildCosts, file: Path):
    """Write every node as a row of the fields of Cost, with the build that it is of."""
    names = [field.name for field in fields(Cost)]
    with file.open("w", newline="") as output:
        writer = csv.DictWriter(output, ["started_at", *names])
        writer.writeheader()
        for node in build.nodes:
            writer.writerow({"started_at": build.started_at} | asdict(node))
    say(f"\n{counted(len(build.nodes), 'row')} written to {file}")
