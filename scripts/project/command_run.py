"""scripts/run: build one data set and print what came out."""

import argparse
import difflib
import json
import textwrap

from project import data_sets, environment
from project.console import OK, WIDTH, Problem, guarded, say, step
from project.paths import ROOT

OTHER_VARIABLES = {"audit_user_id", "explained_segmentation", "explained_user_ids"}
"""Variables of analyses, which have no value in dbt_project.yml."""

WHAT_IS_DUE = ["int_as_of_dates", "int_due_snapshots"]
"""Models that say what is to be computed: with what they said in the build before, a
segmentation that was added or changed since would not be due."""


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description=(
            "Build the segments of a data set into data/NAME/warehouse.duckdb, print a "
            "summary, publish the tables as data/NAME/published.duckdb. The first run "
            "makes .venv and the demo data."
        ),
        epilog="Exit code: 0 all well, 1 the build failed, 2 wrong use or environment.",
    )
    parser.add_argument(
        "--data",
        default="demo",
        metavar="NAME",
        help="demo (default), complete_journey, or any NAME with data/NAME/raw",
    )
    parser.add_argument(
        "--target",
        default="prod",
        help="target in profiles.yml; prod (default) has schemas like the folders",
    )
    parser.add_argument("--select", help="models to build, in the words of dbt")
    parser.add_argument(
        "--full-refresh",
        action="store_true",
        help="read all raw files and compute all dates kept anew, also closed ones",
    )
    parser.add_argument(
        "--vars", help="variables of dbt_project.yml to override, as YAML"
    )
    return parser.parse_args(arguments)


def dbt_options(options, data_set):
    """The options of dbt build, without unit tests: scripts/test runs those."""
    words = ["--exclude-resource-type", "unit_test"]
    if options.select:
        words += ["--select", *options.select.split()]
        if "seg_" in options.select:
            words += WHAT_IS_DUE
    if options.full_refresh:
        words += ["--full-refresh"]
    variables = data_set.variables | checked_variables(options.vars or "{}")
    if variables:
        words += ["--vars", json.dumps(variables, default=str)]
    return words


def checked_variables(text):
    """The mapping that the text is in YAML, of variables that the project has.

    dbt takes any name, and one that is misspelt changes nothing.
    """
    import yaml

    try:
        variables = yaml.safe_load(text)
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise Problem(f"--vars is no YAML mapping like {{snapshot_count: 6}}: {text}")
    known = project_variables()
    for name in variables:
        if name not in known and name not in OTHER_VARIABLES:
            raise Problem(explain_unknown_variable(str(name), known))
    return variables


def project_variables():
    """The variables of dbt_project.yml with their values."""
    import yaml

    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    return project["vars"][project["name"]]


def explain_unknown_variable(name, known):
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    text = f"unknown variable {name}; {guess}dbt_project.yml has: {', '.join(known)}"
    return textwrap.fill(text, WIDTH)


@guarded
def main(arguments):
    options = parse(arguments)
    data_set = data_sets.find(options.data)
    environment.enter(data_set.extras)
    words = dbt_options(options, data_set)
    with data_set.reserved():
        data_set.load()
        with step("Starting dbt"):
            from project import build
        say(f"Building {data_set.folder} (target {options.target})")
        outcome = build.run(data_set, options.target, words)
        build.report(outcome)
        if outcome.exit_code == OK:
            from project import publish, summary

            summary.show(data_set.warehouse, data_set.target)
            say()
            publish.publish(data_set.warehouse, data_set.target, data_set.published)
            summary.show_queries(data_set.published)
    return outcome.exit_code
