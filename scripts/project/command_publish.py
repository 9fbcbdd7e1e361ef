"""scripts/publish.py: publish what the last `dbt build` built, for readers."""

import argparse
import os
from pathlib import Path

from project import data_sets, environment
from project.console import OK, guarded
from project.paths import ROOT


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/publish.py",
        description=(
            "Publish the public tables of the last dbt build, if it was good, to a "
            "file that can be read while the next build runs. scripts/run does it."
        ),
        epilog="Exit code: 0 published or unchanged, 2 refused, with the reason.",
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
        help="dbt's files of that build; else data/NAME/target, where scripts/run has "
        "them (a plain dbt build has them in target)",
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="the published file; else data/NAME/published.duckdb",
    )
    return parser.parse_args(arguments)


@guarded
def main(arguments):
    options = parse(arguments)
    data_set = data_sets.find(options.data)
    environment.enter()
    from project import publish

    given = (options.warehouse, options.target_path, options.to)
    usual = (data_set.warehouse, data_set.target, data_set.published)
    places = [
        path.absolute() if path else default
        for path, default in zip(given, usual, strict=True)
    ]
    # Views on raw files have paths from the root of the project.
    os.chdir(ROOT)
    publish.publish(*places)
    return OK
