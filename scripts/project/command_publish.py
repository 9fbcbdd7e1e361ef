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
    data_sets.add_build_options(parser)
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

    places = [
        data_sets.given_or(options.warehouse, data_set.warehouse),
        data_sets.given_or(options.target_path, data_set.target),
        data_sets.given_or(options.to, data_set.published),
    ]
    # Views on raw files have paths from the root of the project.
    os.chdir(ROOT)
    publish.publish(*places)
    return OK
