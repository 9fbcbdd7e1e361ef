"""A build that is killed, wherever it is, leaves nothing wrong behind.

Every test compares with a warehouse that had the same deliveries and builds in peace:
after the build that is run again, and after the next delivery too, when damage may show
that nothing showed before. Other faults: test_faults.py.
"""

import shutil
from dataclasses import dataclass, field
from random import Random

import pytest
import yaml
from disturbed_shop import (
    FIRST,
    SECOND,
    SECOND_ANEW,
    THIRD,
    WITHOUT_TESTS,
    side_by_side,
    statement_lengths,
)
from forked_builds import Moment

from project.paths import ROOT

pytest_plugins = ["dbt_project", "shop_fixtures"]


@dataclass(frozen=True)
class Kill:
    moment: Moment
    delay: float | None = None
    """Seconds after it; at it where none are given."""


@dataclass
class Killed:
    """A build that was killed, perhaps twice, and run again."""

    kills: list[Kill]
    places: list[str] = field(default_factory=list)
    """Where running builds were when they were killed."""
    wrong: list[str] = field(default_factory=list)


def kill_and_run_again(shop, past, step, coming, kills):
    """Kill the build of a step at each of the moments, then run it until done."""
    result = Killed(kills)
    folder = shop.copy(*past)
    for kill in kills:
        build = shop.start(folder, step, *WITHOUT_TESTS, stop_at=kill.moment)
        if build.reach():
            build.kill(kill.delay)
        if build.end() is None:
            result.places.append(build.place)
    result.wrong = shop.wrong_after(folder, past, step, *coming)
    shutil.rmtree(folder)
    return result


def kills_over_all_nodes(told, relations, number, dice):
    """Kills spread evenly over the tables in their order: as one starts, within its
    longest statement, within any statement, as it is finished; the last one while the
    warehouse is closed."""
    names = {name for _, name in relations}
    nodes = [at.node for _, at in told if at.what == "starts" and at.node in names]
    for index in range(number - 1):
        node = nodes[index * len(nodes) // (number - 1)]
        lengths = statement_lengths(told, node)
        kind = index % 4
        if kind in (1, 2):
            longest = max(lengths, key=lengths.get)
            moment = longest if kind == 1 else dice.choice(sorted(lengths, key=str))
            yield Kill(moment, dice.uniform(0, lengths[moment]))
        else:
            yield Kill(Moment(node, "finishes" if kind else "starts"))
    yield Kill(Moment("dbt", "completes"), dice.uniform(0, 0.02))


PHASES = {
    # How many scenarios, kills in each, steps before, step, steps after.
    "the first build": (4, 1, (), FIRST, (SECOND, THIRD)),
    "a later build": (19, 1, (FIRST,), SECOND, (THIRD,)),
    "a full refresh": (4, 1, (FIRST,), SECOND_ANEW, (THIRD,)),
    "a later build, twice": (3, 2, (FIRST,), SECOND, (THIRD,)),
}
LEAST_KILLS = 30


@pytest.fixture(scope="module")
def places():
    """Where running builds were killed, by phase."""
    return {}


@pytest.mark.parametrize("phase", PHASES)
def test_a_killed_build_is_made_good_by_the_next(phase, shop, places):
    scenarios, times, past, step, coming = PHASES[phase]
    told = shop.after(*past, step).told
    shop.after(*past, step, *coming)
    dice = Random(phase)
    relations = shop.nursery.relations
    kills = list(kills_over_all_nodes(told, relations, scenarios * times, dice))
    # With several kills in a scenario, a later one of the build comes first.
    plans = [kills[number::scenarios][::-1] for number in range(scenarios)]
    results = side_by_side(
        lambda plan: kill_and_run_again(shop, past, step, coming, plan), plans
    )
    places[phase] = [place for result in results for place in result.places]
    wrong = {str(result.kills): result.wrong for result in results if result.wrong}
    assert not wrong, "\n".join(line for key in wrong for line in [key, *wrong[key]])


def test_running_builds_were_killed_in_many_places(places, closing_lines):
    if places.keys() != PHASES.keys():
        pytest.skip("needs every phase of the test before")
    killed = [place for phase in places.values() for place in phase]
    within = sum(place.startswith("in statement") for place in killed)
    closing_lines.append(
        f"{len(killed)} running builds were killed, {within} of them in a statement:"
    )
    for phase, found in places.items():
        closing_lines.append(f"  {phase}: {'; '.join(found)}")
    assert len(killed) >= LEAST_KILLS
    assert len(set(killed)) >= LEAST_KILLS * 2 // 3
    assert within >= LEAST_KILLS // 4


# That these tests can fail


def test_a_table_that_gets_rows_twice_is_found_after_a_kill(empty_project, open_shop):
    project = empty_project("planted")
    shutil.copy(ROOT / "profiles.yml", project.folder)
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    kept = ("name", "version", "config-version", "profile", "flags")
    kept = {name: settings[name] for name in kept}
    project.write("dbt_project.yml", yaml.safe_dump(kept))
    appends = "{{ config(materialized='incremental', incremental_strategy='append') }}"
    reads = "select count(*) as file_count from glob('raw/events/*')"
    project.write("models/a_log.sql", f"{appends} {reads}")
    project.write("models/later.sql", "select * from {{ ref('a_log') }}")
    shop = open_shop(project)
    kills = [Kill(Moment("later", "starts"))]
    result = kill_and_run_again(shop, (FIRST,), SECOND, (), kills)
    assert result.places == ["after later starts"]
    assert result.wrong == [
        f"after {SECOND}:",
        "main.a_log",
        "  2 rows expected, 3 found",
        "  only found: 1 rows",
        "    {'file_count': '38'}",
        "main.later",
        "  2 rows expected, 3 found",
        "  only found: 1 rows",
        "    {'file_count': '38'}",
    ]
    # Where nobody is killed it is as it should be.
    assert not shop.wrong_after(shop.copy(FIRST), [FIRST], SECOND)
