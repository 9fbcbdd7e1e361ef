"""A shop whose builds can be disturbed, and the same builds in peace to compare with.

Its fixtures are in shop_fixtures.py.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from deliveries import LOAD_DATE, deliver
from forked_builds import Moment
from table_comparison import Table, contents, differences, left_over

VARIABLES = f"{{load_date: '{LOAD_DATE}'}}"
PRODUCTION = ("--selector", "production", "--vars", VARIABLES)
# Data tests write nothing. Those of an undisturbed warehouse hold, so they hold where
# the tables are the same, and take half of the time of a build.
WITHOUT_TESTS = ("--exclude-resource-type", "test")
BUILDS_AT_ONCE = 2


@dataclass(frozen=True)
class Step:
    """A delivery of raw files and the build after it."""

    delivery: int
    options: tuple[str, ...] = ()


FIRST, SECOND, THIRD = Step(1), Step(2), Step(3)
SECOND_ANEW = Step(2, ("--full-refresh",))


@dataclass
class Calm:
    """What a warehouse came to in peace."""

    folder: Path
    tables: dict[tuple[str, str], Table]
    told: list[tuple[float, Moment]]
    """The moments of its last build, with their seconds."""


class Shop:
    """A project whose builds can be disturbed, and the same builds in peace."""

    def __init__(self, nursery, folder):
        self.nursery = nursery
        self.folder = folder
        self.calm = {}
        self.numbers = count()

    def new_folder(self):
        folder = self.folder / f"warehouse_{next(self.numbers)}"
        (folder / "raw").mkdir(parents=True)
        return folder

    def copy(self, *steps):
        """A folder as it is after these steps in peace."""
        folder = self.new_folder()
        if steps:
            source = self.after(*steps).folder
            shutil.copytree(source, folder, dirs_exist_ok=True)
        return folder

    def after(self, *steps):
        """What the warehouse is after these steps in peace, made once."""
        if steps not in self.calm:
            folder = self.copy(*steps[:-1])
            build = self.start(folder, steps[-1])
            outcome = build.end()
            assert outcome.succeeded, outcome.error
            self.calm[steps] = Calm(folder, self.tables(folder), build.told)
        return self.calm[steps]

    def start(self, folder, step, *options, spoil=None, **hindrances):
        """Start the production build of a step; hindrances are those of an order.

        What is given to spoil is called with the folder of raw files after delivery.
        """
        deliver(step.delivery, folder / "raw")
        if spoil:
            spoil(folder / "raw")
        options = (*PRODUCTION, *step.options, *options)
        return self.nursery.start(folder, *options, **hindrances)

    def build(self, folder, step, **hindrances):
        """Build a step without data tests; the outcome."""
        return self.start(folder, step, *WITHOUT_TESTS, **hindrances).end()

    def tables(self, folder):
        return contents(folder / "warehouse.duckdb", self.nursery.relations)

    def wrong_after(self, folder, past, *coming, but=()):
        """Build the coming steps undisturbed; what differs from peace after each.

        Relations that are named by `but` may differ.
        """
        wrong, done = [], tuple(past)
        for step in coming:
            done += (step,)
            outcome = self.build(folder, step)
            if not outcome.succeeded:
                return [*wrong, f"the build of {step} fails: {outcome.error}"]
            expected, actual = (
                {name: table for name, table in tables.items() if name not in but}
                for tables in (self.after(*done).tables, self.tables(folder))
            )
            found = differences(expected, actual)
            found += [
                f"{name} is left over"
                for name in left_over(folder / "warehouse.duckdb")
            ]
            wrong += [f"after {step}:", *found] if found else []
        return wrong


def side_by_side(function, cases):
    """What the function returns for each case, computed on two processors."""
    with ThreadPoolExecutor(BUILDS_AT_ONCE) as pool:
        return list(pool.map(function, cases))


def statement_lengths(told, node):
    """Seconds that each statement of a node took, by the moment of its beginning."""
    times = {moment: seconds for seconds, moment in told if moment.node == node}
    return {
        moment: times[Moment(node, "ends statement", moment.number)] - seconds
        for moment, seconds in times.items()
        if moment.what == "begins statement"
    }
