"""scripts/backfill: compute the snapshot dates of a range again, some in each build."""

import argparse
from datetime import date

from project import data_sets, environment
from project.command_run import checked_variables, project_variables
from project.console import guarded, step


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/backfill",
        description=(
            "Compute the snapshot dates of a range again, closed dates and dates older "
            "than those that are kept too, and list what that changed. It goes on "
            "where it stopped when it is run again after an interruption or a failure."
        ),
        epilog="Exit code: 0 all well, 1 a build failed, 2 wrong use or environment.",
    )
    parser.add_argument(
        "--data",
        default="demo",
        metavar="NAME",
        help="demo (default), complete_journey, or any NAME with data/NAME/raw",
    )
    for name, place in (("from", "first"), ("to", "last")):
        parser.add_argument(
            f"--{name}",
            dest=f"{place}_day",
            required=True,
            type=date_from,
            metavar="DATE",
            help=f"{place} day of the range, YYYY-MM-DD",
        )
    parser.add_argument(
        "--dates-per-build",
        default=4,
        type=number_from_1,
        metavar="N",
        help="snapshot dates in one build (default 4); fewer need less memory",
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="begin anew, and give up a backfill that is not finished",
    )
    parser.add_argument(
        "--vars", help="variables of dbt_project.yml to override, as YAML"
    )
    return parser.parse_args(arguments)


def date_from(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date, YYYY-MM-DD") from None


def number_from_1(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1")
    return int(text)


@guarded
def main(arguments):
    options = parse(arguments)
    data_set = data_sets.find(options.data)
    environment.enter(data_set.extras)
    given = data_set.variables | checked_variables(options.vars or "{}")
    with data_set.reserved():
        with step("Starting dbt"):
            from project import backfill

        return backfill.run(data_set, options, given, project_variables() | given)
