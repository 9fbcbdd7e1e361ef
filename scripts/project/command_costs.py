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
    data_sets.add_build_options(parser)
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

    warehouse = data_sets.given_or(options.warehouse, data_set.warehouse)
    target = data_sets.given_or(options.target_path, data_set.target)
    csv_file = data_sets.given_or(options.csv, None)
    # Views on raw files have paths from the root of the project.
    os.chdir(ROOT)
    build = costs.read(warehouse, target)
    costs.show(build)
    if csv_file:
        costs.write_csv(build, csv_file)
    return OK
