"""scripts/costs: what the last build cost, by layer, segmentation and model."""

import argparse
import os
from pathlib import Path

from project import data_sets, environment
from project.console import OK, guarded
from project.paths import ROOT


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/costs",
        description=(
            "Print the seconds and the rows of what the last dbt build built: by "
            "layer, by segmentation with its tests, and the dearest models and tests."
        ),
        epilog="Exit code: 0 all well, 2 nothing was built there, with the reason.",
    )
    parser.add_argument(
        "--data",
        default="demo",
        metavar="NAME",
        help="the data set (default demo); the other options go before its own files",
    )
    parser.add_argument(
        "--warehouse",
        type=Path,
        metavar="FILE",
        help="what was built; else data/NAME/warehouse.duckdb",
    )
    parser.add_argument(
        "--target-path",
        type=Path,
        metavar="DIR",
        help="dbt's files of that build; else data/NAME/target (a plain dbt build has "
        "them in target)",
    )
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="write all of it there too, one row per model, seed and test",
    )
    return parser.parse_args(arguments)


@guarded
def main(arguments):
    options = parse(arguments)
    data_set = data_sets.find(options.data)
    environment.enter()
    from project import costs

    given = (options.warehouse, options.target_path, options.csv)
    warehouse, target, csv_file = (path.absolute() if path else None for path in given)
    # Views on raw files have paths from the root of the project.
    os.chdir(ROOT)
    build = costs.read(warehouse or data_set.warehouse, target or data_set.target)
    costs.show(build)
    if csv_file:
        costs.write_csv(build, csv_file)
    return OK
