"""scripts/run and scripts/test tell what is wrong, and print what came out."""

import argparse
import ast
import json
import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from project import (
    bootstrap,
    command_run,
    command_test,
    console,
    data_sets,
    environment,
    findings,
    hints,
    locks,
    summary,
)
from project.console import Problem
from project.paths import ROOT

SCRIPTS = ROOT / "scripts"


def run_python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


# The Python that a command starts on


def parses_on_python_3_6(text):
    try:
        ast.parse(text, feature_version=(3, 6))
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    "file",
    [
        *("run", "test", "backfill", "publish.py"),
        *("project/__init__.py", "project/bootstrap.py"),
    ],
)
def test_what_an_old_python_reads_has_no_newer_syntax(file):
    assert parses_on_python_3_6((SCRIPTS / file).read_text())
    assert not parses_on_python_3_6((SCRIPTS / file).read_text() + "\n(newer := 1)\n")


def start_on_version(version, path, tmp_path):
    """Start scripts/run on a Python that claims to be of another version."""
    program = tmp_path / "run"
    program.write_text(
        f"import sys; sys.version_info = {version}\n"
        f"sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from project import bootstrap\n"
        "bootstrap.start('command_run')\n"
    )
    return run_python(program, "--help", env={"PATH": str(path)})


def test_a_python_that_is_too_old_is_told_what_to_install(tmp_path):
    answer = start_on_version((3, 8, 1), tmp_path, tmp_path)
    assert answer.returncode == console.WRONG_USE
    assert "Python 3.8.1 is too old" in answer.stderr
    assert "3.11 to 3.13" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_newer_python_on_the_path_takes_over(tmp_path):
    shims = tmp_path / "shims"
    executable(shims / "python3.13", "#!/bin/sh\nexit 127\n")
    executable(
        tmp_path / "bin" / "python3.12",
        '#!/bin/sh\nif [ "$1" = -c ]; then echo 3 12; else echo "took over: $@"; fi\n',
    )
    answer = start_on_version((3, 8, 1), f"{shims}:{tmp_path / 'bin'}", tmp_path)
    assert "Python 3.8.1 is not supported" in answer.stdout
    assert f"took over: {tmp_path / 'run'} --help" in answer.stdout


def test_a_python_newer_than_the_tested_ones_is_tried(tmp_path):
    answer = start_on_version((3, 99, 0), tmp_path, tmp_path)
    assert "newer than the tested" in answer.stdout
    assert "usage: scripts/run" in answer.stdout


def test_the_supported_versions_are_those_that_the_project_declares():
    metadata = (ROOT / "pyproject.toml").read_text()
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert f'requires-python = ">={bootstrap.words(bootstrap.OLDEST)}"' in metadata
    tested = re.findall(r'"(3\.\d+)"', workflow)
    assert [tested[0], tested[-1]] == [
        bootstrap.words(bootstrap.OLDEST),
        bootstrap.words(bootstrap.NEWEST),
    ]


# The environment


@pytest.fixture
def project_folder(tmp_path, monkeypatch):
    """An empty project whose `.venv` is made by a stand-in for venv and pip.

    Returns its folder and the list of commands that were run for it.
    """
    venv = tmp_path / ".venv"
    commands = []

    def run_logged(command, failed):
        commands.append([str(word) for word in command])
        if "venv" in command:
            executable(
                venv / "bin" / "python", f'#!/bin/sh\nexec {sys.executable} "$@"\n'
            )
            (venv / "pyvenv.cfg").write_text(f"version = {platform.python_version()}\n")

    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "VENV_PYTHON": venv / "bin" / "python",
        "MARKER": venv / "installed.json",
        "PIP_LOG": tmp_path / "logs" / "pip.log",
        "run_logged": run_logged,
    }.items():
        monkeypatch.setattr(environment, name, value)
    return tmp_path, commands


def test_an_environment_is_made_once(project_folder):
    _, commands = project_folder
    wanted = {"requirements.txt": "hash"}
    assert not environment.is_ready(wanted)
    environment.make(wanted)
    assert ["venv" in command for command in commands] == [True, False]
    assert environment.is_ready(wanted)


def test_a_half_made_environment_is_made_anew(project_folder):
    folder, commands = project_folder
    left_over = folder / ".venv" / "lib" / "half_a_package.py"
    executable(left_over, "")
    wanted = {"requirements.txt": "hash"}
    assert not environment.is_ready(wanted)
    environment.make(wanted)
    assert not left_over.exists()
    assert environment.is_ready(wanted)


@pytest.mark.parametrize(
    "damage",
    [
        lambda venv: (venv / "bin" / "python").unlink(),
        lambda venv: executable(venv / "bin" / "python", "#!/bin/sh\nexit 1\n"),
        lambda venv: executable(venv / "bin" / "python", "#!/bin/sh\necho 3.1.4\n"),
        lambda venv: (venv / "installed.json").write_text("{"),
        lambda venv: (venv / "installed.json").write_text(
            (venv / "installed.json").read_text().replace(str(venv), "/moved/.venv")
        ),
    ],
    ids=["no Python", "broken Python", "other Python", "broken marker", "moved"],
)
def test_a_broken_environment_is_made_anew(project_folder, damage):
    folder, commands = project_folder
    wanted = {"requirements.txt": "hash"}
    environment.make(wanted)
    damage(folder / ".venv")
    assert not environment.is_ready(wanted)
    commands.clear()
    environment.make(wanted)
    assert "venv" in commands[0]
    assert environment.is_ready(wanted)


def test_changed_requirements_are_installed_into_the_environment_that_is_there(
    project_folder,
):
    _, commands = project_folder
    environment.make({"requirements.txt": "hash"})
    commands.clear()
    changed = {"requirements.txt": "other hash"}
    assert not environment.is_ready(changed)
    environment.make(changed)
    assert ["pip" in command for command in commands] == [True]
    assert environment.is_ready(changed)


def test_an_extra_comes_on_top_and_stays(project_folder):
    _, commands = project_folder
    base = {"requirements.txt": "hash"}
    environment.make(base)
    commands.clear()
    environment.make(base | {"requirements-extra.txt": "extra"})
    assert len(commands) == 1
    assert "--no-deps" in commands[0]
    assert environment.is_ready(base)
    assert environment.is_ready(base | {"requirements-extra.txt": "extra"})


def test_a_failed_installation_keeps_the_environment_for_what_it_had(
    project_folder, monkeypatch
):
    base = {"requirements.txt": "hash"}
    environment.make(base)

    def fail(_name):
        raise Problem("no network")

    monkeypatch.setattr(environment, "install", fail)
    with pytest.raises(Problem, match="no network"):
        environment.make(base | {"requirements-extra.txt": "extra"})
    assert environment.is_ready(base)


def test_a_python_without_ensurepip_is_told_which_package_to_install(
    project_folder, monkeypatch
):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Problem, match="apt-get install python3-venv"):
        environment.create()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("NewConnectionError: Temporary failure in name resolution", "PIP_INDEX_URL"),
        ("ERROR: No matching distribution found for dbt-core==1.11.16", "HTTPS_PROXY"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("OSError: [Errno 13] Permission denied: '.venv'", "cannot be written"),
        ("error: something else", "The whole output is in logs/pip.log"),
    ],
)
def test_an_error_of_pip_is_shown_with_advice(tmp_path, monkeypatch, output, expected):
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "PIP_LOG", tmp_path / "logs" / "pip.log")
    program = f"print('line\\n' * 50 + {output!r}); raise SystemExit(1)"
    with pytest.raises(Problem) as problem:
        environment.run_logged([sys.executable, "-c", program], failed="It failed.")
    assert "It failed." in str(problem.value)
    assert output in str(problem.value)
    assert expected in str(problem.value)
    assert str(problem.value).count("| line") < 10


def test_a_setting_to_install_for_the_user_does_not_reach_pip(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "PIP_LOG", tmp_path / "pip.log")
    monkeypatch.setenv("PIP_USER", "1")
    program = "import os; print('for the user:', os.environ['PIP_USER'])"
    environment.run_logged([sys.executable, "-c", program], failed="It failed.")
    assert "for the user: 0" in environment.PIP_LOG.read_text()


# Variables


def test_variables_of_the_project_and_of_its_analysis_are_known():
    text = "{time_zone: Europe/Paris, audit_user_id: u1}"
    assert command_run.checked_variables(text) == {
        "time_zone": "Europe/Paris",
        "audit_user_id": "u1",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("timezone: UTC", "unknown variable timezone; did you mean time_zone? "),
        ("{time_zone: UTC, 7: 1}", "unknown variable 7; dbt_project.yml has: segment"),
        ("[time_zone]", "is no YAML mapping"),
        ("{time_zone", "is no YAML mapping"),
    ],
)
def test_a_wrong_variable_is_refused(text, expected):
    with pytest.raises(Problem) as problem:
        command_run.checked_variables(text)
    assert expected in str(problem.value)


def test_an_unknown_variable_is_wrong_use(monkeypatch, capsys):
    monkeypatch.setattr(console, "end_at_once_when_interrupted", lambda: None)
    monkeypatch.setattr(environment, "enter", lambda extras: None)
    assert command_run.main(["--vars", "timezone: UTC"]) == console.WRONG_USE
    told = capsys.readouterr().err
    assert "dbt_project.yml has: segmentations, raw_path" in told
    assert max(map(len, told.splitlines())) <= console.WIDTH


# Data sets and locks


@pytest.mark.parametrize("name", ["../demo", "", "a b", "/etc"])
def test_a_name_that_is_no_folder_is_refused(name):
    with pytest.raises(Problem, match="no name of a data set"):
        data_sets.find(name)


def test_an_unknown_data_set_says_how_to_load_one_from_any_folder(tmp_path):
    answer = run_python(SCRIPTS / "run", "--data", "not_there", cwd=tmp_path)
    assert answer.returncode == console.WRONG_USE
    assert "no data set 'not_there'" in answer.stderr
    assert "scripts/load_csv.py" in answer.stderr
    assert "demo" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("events", ["events.csv", "events.parquet", "events/a.json"])
def test_a_folder_with_events_is_a_data_set(tmp_path, monkeypatch, events):
    monkeypatch.setattr(data_sets, "ROOT", tmp_path)
    executable(tmp_path / "data" / "shop" / "raw" / events, "")
    assert data_sets.find("shop").warehouse == Path("data/shop/warehouse.duckdb")


def test_a_loader_that_fails_shows_what_it_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data_sets, "ROOT", tmp_path)
    monkeypatch.setattr(data_sets, "LOGS", tmp_path / "logs")
    executable(
        tmp_path / "scripts" / "load.py", "raise SystemExit('no such column: day')"
    )
    with pytest.raises(Problem, match="load.py failed; .* logs/load.log"):
        data_sets.DataSet("shop", loader=("load.py",)).load()
    assert "no such column: day" in capsys.readouterr().out
    assert "no such column: day" in (tmp_path / "logs" / "load.log").read_text()


def test_a_second_run_on_the_same_data_is_refused_and_names_the_first(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(data_sets, "ROOT", tmp_path)
    data_set = data_sets.DataSet("shop")
    refused = pytest.raises(Problem, match=f"Process {os.getpid()} is working on")
    with data_set.reserved(), refused, data_set.reserved():
        pass
    with data_set.reserved():
        pass


def test_a_lock_is_free_after_its_holder_was_killed(tmp_path):
    program = (
        f"import sys, pathlib; sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from project import locks\n"
        f"with locks.exclusive(pathlib.Path({str(tmp_path / 'lock')!r}), print):\n"
        "    import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run_python("-c", program).returncode == -signal.SIGKILL
    busy = []
    with locks.exclusive(tmp_path / "lock", busy.append):
        assert busy == []


# Hints


@pytest.mark.parametrize(
    ("message", "expected", "is_about_this_machine"),
    [
        (
            "Found a cycle: model.p.seg_rfm --> model.p.seg_vip --> model.p.seg_rfm",
            "seg_rfm, seg_vip refer to each other in a circle. If these are "
            "segmentations, take one in_segment out",
            False,
        ),
        (
            "Compilation Error\n  Model 'model.p.segment_memberships' (models/a.sql) "
            "depends on a node named 'seg_loyal' which was not found",
            "lists loyal, but models/segments/seg_loyal.sql does not exist",
            False,
        ),
        (
            "Model 'model.p.seg_vip' (models/segments/seg_vip.sql) depends on a node "
            "named 'seg_loyal' which was not found",
            "seg_vip refers to seg_loyal in an in_segment",
            False,
        ),
        (
            "Model 'model.p.seg_vip' (models/segments/seg_vip.sql) depends on a node "
            "named 'seg_loyal' which is disabled",
            "add 'loyal' to the variable segmentations",
            False,
        ),
        (
            "Model 'model.p.segment_memberships' (models/a.sql) depends on a node "
            "named 'seg_lifecycle rfm' which was not found",
            "a comma may be missing: [lifecycle, rfm]",
            False,
        ),
        (
            "Model 'model.p.segment_memberships' (models/a.sql) depends on a node "
            "named 'seg_seg_lifecycle' which was not found",
            "lists seg_lifecycle, but names stand there without seg_: lifecycle",
            False,
        ),
        ("[Errno 28] No space left on device", "disk is full", True),
        (
            "IO Error: Could not write file: No space left on device",
            "disk is full",
            True,
        ),
        ("[Errno 13] Permission denied: 'data'", "check who owns it", True),
        ("Out of Memory Error: failed to pin block", "fewer threads", True),
        (
            'Invalid Input Error: Error when sniffing file "raw/events.csv".\nIt was',
            "raw/events.csv is no CSV of commas",
            False,
        ),
    ],
)
def test_a_known_error_has_a_hint(message, expected, is_about_this_machine):
    hint = hints.find(message)
    assert expected in hint.text
    assert hint.is_about_this_machine == is_about_this_machine


def test_an_unknown_error_has_no_hint():
    assert hints.find("Compilation Error\n  'performd' is undefined.") is None


def test_a_locked_warehouse_names_its_holder(tmp_path):
    """With the real message, which comes from the database and may change its words."""
    warehouse = str(tmp_path / "warehouse.duckdb")
    with duckdb.connect(warehouse):
        answer = run_python("-c", f"import duckdb; duckdb.connect({warehouse!r})")
    hint = hints.find(answer.stderr)
    assert f"process {os.getpid()}" in hint.text
    assert warehouse in hint.text
    assert hint.is_about_this_machine


@pytest.mark.parametrize("table", ["nowhere.sizes", "main.sizes"])
def test_a_table_that_is_not_built_says_how_to_build_it(table):
    """With the real messages, with a schema that is missing and one that is there."""
    with (
        pytest.raises(duckdb.CatalogException) as error,
        duckdb.connect() as connection,
    ):
        connection.execute(f"select * from {table}")
    told = f"Runtime Error in model drift (models/drift.sql)\n  {error.value}"
    hint = hints.find(told)
    assert "sizes has not been built in this target yet" in hint.text
    assert "--select +drift." in hint.text
    assert not hint.is_about_this_machine


def test_a_damaged_warehouse_is_told_apart(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_text("no database" * 1000)
    with pytest.raises(duckdb.Error) as error:
        duckdb.connect(str(warehouse))
    assert "move it away" in hints.find(str(error.value)).text


# The build


def build_of(root, models):
    """What the build of a small project prints, given its models and tests."""
    files = {
        "dbt_project.yml": "name: small\nprofile: small\nconfig-version: 2\n",
        "profiles.yml": (
            "small: {target: prod, outputs: {prod: {type: duckdb, threads: 1, "
            "path: \"{{ env_var('USER_SEGMENTATION_WAREHOUSE') }}\"}}}\n"
        ),
        "data/small/raw/events.csv": "",
    }
    for name, text in (files | models).items():
        executable(root / name, text)
    program = (
        f"import sys, pathlib; sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from project import build, data_sets\n"
        f"build.ROOT = pathlib.Path({str(root)!r})\n"
        "outcome = build.run(data_sets.DataSet('small'), 'prod')\n"
        "build.report(outcome)\n"
        "sys.exit(outcome.exit_code)\n"
    )
    return run_python("-c", program, cwd=root)


@pytest.fixture(scope="module")
def failed_build(tmp_path_factory):
    """What a small build prints in which nodes of several kinds fail, and one warns."""
    models = {
        "models/good.sql": "select 1 as id union all select 1 as id",
        "models/bad.sql": "select nothing from (select 1)",
        "models/after.sql": "select * from {{ ref('bad') }}",
        "models/_models.yml": (
            "models: [{name: good, columns: [{name: id, "
            "data_tests: [{unique: {config: {severity: warn}}}]}]}]\n"
        ),
        "tests/no_rows.sql": (
            "select i as id, null as gone, repeat('long ', 50) as text "
            "from {{ ref('good') }}, range(5) as t(i) where id = 1 order by i\n"
        ),
        "tests/not_run.sql": "select nothing from {{ ref('good') }}",
        "tests/_tests.yml": (
            "data_tests: [{name: no_rows, description: There are no rows.}]\n"
        ),
    }
    return build_of(tmp_path_factory.mktemp("build"), models)


def test_a_failed_build_ends_with_its_own_exit_code(failed_build):
    assert failed_build.returncode == console.FAILED
    assert "Traceback" not in failed_build.stderr


def test_a_build_prints_a_line_for_each_model_and_each_warning(failed_build):
    lines = failed_build.stdout.splitlines()
    assert any(re.fullmatch(r" *\d/6 main\.good \d+\.\ds", line) for line in lines)
    assert any(re.fullmatch(r" *\d/6 main\.bad .*s  error", line) for line in lines)
    assert any(re.fullmatch(r" *\d/6 main\.after .*s  skipped", line) for line in lines)
    assert any(re.fullmatch(r" *\d/6 unique_good_id .*s  warn", line) for line in lines)
    assert "3 tables and views: 1 success, 1 error, 1 skipped" in sorted_tally(lines)


def test_a_build_with_unit_tests_counts_without_a_total(tmp_path):
    models = {
        "models/good.sql": "select 1 as id",
        "models/good_too.sql": "select * from {{ ref('good') }}",
        "models/_models.yml": (
            "unit_tests: [{name: one_id, model: good, given: [], "
            "expect: {rows: [{id: 1}]}}]\n"
        ),
    }
    lines = build_of(tmp_path, models).stdout.splitlines()
    assert any(re.fullmatch(r" *2 main\.good \d+\.\ds", line) for line in lines)
    assert any(re.fullmatch(r" *3 main\.good_too .*s", line) for line in lines)


def sorted_tally(lines):
    """The tally with its ends in the order of the alphabet, which dbt does not fix."""
    (tally,) = (line for line in lines if "tables and views:" in line)
    title, _, ends = tally.partition(": ")
    order = ["1 success", "1 error", "1 skipped"]
    return f"{title}: {', '.join(sorted(ends.split(', '), key=order.index))}"


def test_a_build_of_nothing_is_wrong_use():
    from project import build

    assert build.Outcome(True, [], None, Path("none")).exit_code == console.WRONG_USE


def test_a_failed_build_shows_the_node_and_its_message(failed_build):
    told = failed_build.stdout.partition("What failed")[2]
    assert "model bad (models/bad.sql)" in told
    assert 'column "nothing" not found' in told
    assert "after" not in told


def told_of(failed_build, title):
    """The lines about one node in the report of a failed build."""
    after = failed_build.stdout.partition(f"\n{title} (")[2].splitlines()[1:]
    end = next(i for i, line in enumerate(after) if not line.startswith("  "))
    return after[:end]


def test_a_failed_data_test_shows_what_it_found(failed_build):
    lines = told_of(failed_build, "test no_rows")
    assert lines[0] == "  There are no rows."
    assert lines[1].startswith("  Got 10 results")
    assert [line[:16] for line in lines[2:5]] == ["    id 0, text l"] * 2 + [
        "    id 1, text l"
    ]
    assert lines[5] == "    and 7 more"
    assert lines[6].startswith("  query: ")
    assert max(map(len, lines[:6])) == console.WIDTH


def test_a_data_test_that_cannot_be_run_shows_its_message_alone(failed_build):
    lines = told_of(failed_build, "test not_run")
    assert any('column "nothing" not found' in line for line in lines)
    assert lines[-1].startswith("  query: ")
    assert not any(line.startswith("    and ") for line in lines)


def test_a_failed_data_test_without_a_warehouse_shows_no_rows(tmp_path):
    assert findings.lines_from_file(tmp_path / "none.duckdb", "select 1", 1) == []


def test_a_build_prints_no_colours(failed_build):
    assert "\x1b" not in failed_build.stdout + failed_build.stderr


@pytest.mark.parametrize(
    ("select", "built"),
    {
        "seg_vip+": ["seg_vip+", "int_as_of_dates", "int_due_snapshots"],
        "user_facts": ["user_facts"],
    }.items(),
)
def test_a_selected_segmentation_is_built_with_what_says_that_it_is_due(select, built):
    options = argparse.Namespace(select=select, full_refresh=False, vars=None)
    words = command_run.dbt_options(options, data_sets.DataSet("shop"))
    assert words[words.index("--select") + 1 :] == built


# The summary

TABLES = """
create schema staging; create schema memberships; create schema drift;
create schema overlap;
create table staging.raw_row_counts as
select 'events' as source_table, 1234567 as row_count, 1230000 as kept_row_count,
    4000 as duplicate_row_count, 567 as rejected_row_count,
    0 as unreadable_value_row_count,
    3 as unreadable_json_row_count;
create table drift.segment_sizes as
select date '2024-06-30' as as_of_date, date '2024-06-23' as previous_as_of_date,
    'lifecycle' as segmentation, *, 0.25 as population_share, true as is_current,
    true as is_provisional
from (values
    ('loyal', 1100, 1000, 50, false),
    ('at_risk', 20, 35, 50, true)
) as t(segment, user_count, previous_user_count, min_size, is_below_min_size);
insert into drift.segment_sizes
select date '2024-06-23', null, segmentation, segment, previous_user_count, null,
    min_size, false, population_share, false, false
from drift.segment_sizes;
insert into drift.segment_sizes
select date '2024-06-30', date '2024-06-23', 'interests', 'topic_' || i, 100 + i, null,
    null, null, 0.01, true, true
from range(30) as t(i);
create table drift.segment_transitions as
select date '2024-06-30' as as_of_date, date '2024-06-23' as previous_as_of_date,
    'lifecycle' as segmentation, *, 0.5 as from_share, true as is_current
from (values
    ('loyal', 'loyal', 900),
    ('loyal', 'at_risk', 7),
    ('(none)', 'loyal', 77)
) as t(from_segment, to_segment, user_count);
create table drift.segment_drift as
select date '2024-06-30' as as_of_date, 'lifecycle' as segmentation, *,
    date '2024-06-23' as compared_as_of_date, true as is_current
from (values
    ('previous', 0.01, 0.9, 'loyal', false, 'ok'),
    ('baseline', null, null, 'at_risk', true, 'alert')
) as t(comparison, population_stability_index, membership_stability_share,
    most_changed_segment, is_beyond_noise, status);
create table drift.segment_share_drift as
select 'lifecycle' as segmentation, *, true as is_current
from (values
    ('loyal', 'previous', 0.5, 0.25, -9.0, 'alert'),
    ('loyal', 'baseline', 0.5, 0.25, -99.0, 'alert'),
    ('at_risk', 'previous', 0.5, 0.75, 5.0, 'alert'),
    ('new', 'previous', 0.5, 0.5, 0.1, 'ok')
) as t(segment, comparison, compared_population_share, population_share, z_score,
    status);
create table drift.segment_fact_drift as
select 'lifecycle' as segmentation, 'loyal' as segment, 'previous' as comparison, *,
    true as is_current
from (values
    ('revenue_90d', 12.5, 20.0, null, 50.0, 'warn'),
    ('last_platform', null, null, 'ios', 60.0, 'alert'),
    ('revenue', 1.0, 2.0, null, 70.0, 'ok')
) as t(fact, compared_mean_value, mean_value, most_changed_value, z_score, status);
create table overlap.segment_overlap as
select date '2024-06-30' as as_of_date, *, true as is_current
from (values
    ('lifecycle', 'loyal', 'value', 'high', 1100, 200, 150, 0.13, 1.5),
    ('lifecycle', 'loyal', 'value', 'top', 1100, 100, 100, 0.09, 3.0),
    ('lifecycle', 'loyal', 'lifecycle', 'at_risk', 1100, 20, 10, 0.5, 2.0)
) as t(segmentation_a, segment_a, segmentation_b, segment_b, user_count_a, user_count_b,
    both_user_count, jaccard_share, lift);
create table memberships.segment_definitions as
select 'lifecycle' as segmentation, *, true as is_current
from (values ('loyal', false), ('at_risk', false), ('rest', true))
as t(segment, is_otherwise);
create schema quality;
create table quality.segment_health as
select 'lifecycle' as segmentation, *
from (values
    ('loyal', 1100, 'keep', 'nothing found against it', 0),
    ('at_risk', 20, 'refine', 'too small; too weak', 2),
    ('new', 1, 'retire', 'nobody was in it', 1)
) as t(segment, user_count, recommendation, reason, finding_count);
create table memberships.segment_memberships as
select date '2024-06-30' as as_of_date, 'u1' as user_id, 'lifecycle' as segmentation,
    'loyal' as segment;
"""


def manifest_of(connection, models=()):
    relations = connection.execute(
        "select table_schema, table_name from information_schema.tables"
    ).fetchall()
    nodes = {
        f"model.p.{name}": {
            "name": name,
            "alias": name,
            "schema": schema,
            "resource_type": "model",
            "unique_id": f"model.p.{name}",
            "depends_on": {"nodes": ["model.p.seg_lifecycle"]},
        }
        for schema, name in [*relations, ("segments", "seg_lifecycle"), *models]
    }
    nodes["test.p.minimum"] = {
        "name": "minimum_segment_size_seg_lifecycle_",
        "resource_type": "test",
        "attached_node": "model.p.seg_lifecycle",
        "column_name": None,
        "description": "",
        "test_metadata": {"name": "minimum_segment_size"},
        "compiled_path": "data/shop/target/compiled/minimum.sql",
    }
    return {
        "nodes": nodes,
        "disabled": {
            "model.p.seg_rfm": [{"name": "seg_rfm", "resource_type": "model"}],
            "model.p.other": [{"name": "other", "resource_type": "model"}],
        },
    }


SIZES = "select segmentation, segment, min_size, null as gone from drift.segment_sizes"


def summary_of(folder, monkeypatch, capsys, tables=TABLES, query=SIZES, models=()):
    """What the summary prints of these tables, a test's query, and further models."""
    monkeypatch.chdir(folder)
    data_set = data_sets.DataSet("shop")
    data_set.target.mkdir(parents=True)
    with duckdb.connect(str(data_set.warehouse)) as connection:
        connection.execute(tables)
        manifest = manifest_of(connection, models)
    warned = {"unique_id": "test.p.minimum", "status": "warn", "failures": 1234}
    run_results = {"results": [warned | {"compiled_code": query}]}
    (data_set.target / "manifest.json").write_text(json.dumps(manifest))
    (data_set.target / "run_results.json").write_text(json.dumps(run_results))
    summary.show(data_set.warehouse, data_set.target)
    # What is published has the same tables.
    summary.show_queries(data_set.warehouse)
    return capsys.readouterr().out


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    return summary_of(tmp_path, monkeypatch, capsys)


def part(printed, title):
    """The lines of one part of a summary, with single spaces."""
    (found,) = (
        text for text in printed.split("\n\n") if text.strip().startswith(title)
    )
    after = printed[printed.index(found) :].partition("---\n")[2]
    lines = re.split(r"\n\n\S[^\n]*\n-+\n", after)[0].splitlines()
    return [" ".join(line.split()) for line in lines]


def test_the_summary_shows_the_rows_that_came_in(printed):
    assert "events 1,234,567 1,230,000 4,000 567 0 3" in part(printed, "Rows read")


def test_the_summary_shows_sizes_on_the_current_date(printed):
    lines = part(printed, "Segments")
    assert lines[0].startswith("As of 2024-06-30, provisional")
    words = " ".join(lines[:2])
    assert "2 dates from 2024-06-23 on; change since 2024-06-23." in words
    assert "lifecycle loyal 1,100 25.0 % +100 50" in lines
    assert "at_risk 20 25.0 % -15 50 TOO SMALL" in lines
    assert sum("loyal" in line for line in lines) == 1


def test_the_summary_shows_the_largest_of_many_segments(printed):
    lines = part(printed, "Segments")
    assert "interests topic_29 129 1.0 %" in lines
    assert sum("topic_" in line for line in lines) == summary.MOST_SEGMENTS
    assert f"({30 - summary.MOST_SEGMENTS} smaller ones)" in lines


def test_the_summary_shows_movements_and_leaves_out_who_stayed(printed):
    lines = part(printed, "Biggest movements since 2024-06-23")
    assert lines[2:] == [
        "lifecycle (none) loyal 77 50.0 %",
        "lifecycle loyal at_risk 7 50.0 %",
    ]


def test_the_summary_leaves_out_overlaps_that_say_nothing(printed):
    lines = part(printed, "Biggest overlaps")
    assert lines[-1] == "lifecycle.loyal value.high 150 13.0 % 1.50"
    assert not any("value.top" in line or "lifecycle.at_risk" in line for line in lines)


def test_the_summary_shows_the_worst_drift_first(printed):
    assert part(printed, "Drift")[-2:] == [
        "lifecycle baseline 2024-06-23 at_risk alert",
        "lifecycle previous 2024-06-23 0.010 90.0 % ok",
    ]


def test_the_summary_shows_what_changed_by_more_than_chance(printed):
    lines = part(printed, "Changed within segments by more than chance")
    assert lines[2:] == [
        "lifecycle.loyal share of users previous 50.0 % 25.0 % alert",
        "lifecycle.at_risk share of users previous 50.0 % 75.0 % alert",
        "lifecycle.loyal share of users baseline 50.0 % 25.0 % alert",
        "lifecycle.loyal last_platform previous ios alert",
        "lifecycle.loyal revenue_90d previous 12.50 20.00 warn",
    ]


def test_the_summary_shows_a_few_of_many_changes(tmp_path, monkeypatch, capsys):
    tables = TABLES + (
        "insert into drift.segment_fact_drift"
        " select drifts.* replace ('fact_' || i as fact)"
        " from drift.segment_fact_drift as drifts, range(20) as t(i)"
        " where status = 'warn'"
    )
    printed = summary_of(tmp_path, monkeypatch, capsys, tables)
    lines = part(printed, "Changed within segments by more than chance")
    assert len(lines) == 2 + summary.MOST_ROWS + 2
    assert lines[-2].startswith("and 17 more in segment_share_drift")


def test_the_summary_tells_what_should_become_of_segments(printed):
    lines = part(printed, "Are the segments worth having?")
    assert lines == [
        "Nothing was found against 1 of 3 segments.",
        "",
        "- retire lifecycle.new (1 user): nobody was in it",
        "- refine lifecycle.at_risk (20 users): too small; too weak",
    ]


def test_the_summary_names_segmentations_in_which_nobody_is(
    tmp_path, monkeypatch, capsys
):
    """By a rule: everyone in the segment of all others is nobody."""
    tables = TABLES + (
        "insert into drift.segment_sizes"
        " select * replace ('gender' as segmentation,"
        " case segment when 'loyal' then 'unknown' else 'female' end as segment,"
        " case segment when 'loyal' then 1100 else 0 end as user_count)"
        " from drift.segment_sizes where segment in ('loyal', 'at_risk');"
        "insert into memberships.segment_definitions values"
        " ('gender', 'unknown', true, true), ('gender', 'female', false, true);"
        "insert into quality.segment_health values"
        " ('gender', 'female', 0, 'retire', 'nobody was in it', 1);"
    )
    printed = summary_of(tmp_path, monkeypatch, capsys, tables)
    lines = part(printed, "Segments")
    assert not any("female" in line for line in lines)
    assert "Nobody is in a segment by a rule of: gender." in " ".join(lines)
    health = part(printed, "Are the segments worth having?")
    assert not any("gender" in line for line in health)


def test_the_summary_tells_warnings_in_words(printed):
    lines = part(printed, "Warnings")
    assert lines == [
        "- seg_lifecycle: minimum segment size: 1,234 findings",
        "segmentation lifecycle, segment loyal, min_size 50",
        "segmentation lifecycle, segment at_risk, min_size 50",
        "segmentation lifecycle, segment loyal, min_size 50",
        "and 1,231 more",
        "query: data/shop/target/compiled/minimum.sql",
    ]


@pytest.mark.parametrize("query", ["select * from gone.away", "", "select 1 where"])
def test_a_warning_whose_query_cannot_be_run_any_more_has_no_rows(
    tmp_path, monkeypatch, capsys, query
):
    printed = summary_of(tmp_path, monkeypatch, capsys, query=query)
    assert len(part(printed, "Warnings")) == 2
    assert "Where the tables are" in printed


def test_a_warning_bears_the_description_of_its_test():
    test = {"name": "assert_size", "description": "Segments are big enough.\n"}
    assert summary.in_words(test) == "Segments are big enough"
    assert summary.in_words(test | {"description": ""}) == "size"


def test_a_finding_is_one_line_in_which_long_values_give_way():
    words = findings.in_words(["a", "b", "c"], ["x\ny", "long " * 50, None], width=30)
    assert words == "a x y, b long long long long.."
    names = [f"column_{i}" for i in range(50)]
    assert len(findings.in_words(names, range(50), width=30)) == 30
    assert findings.in_words(["a"], [None]) == ""


def test_the_summary_names_what_is_switched_off(printed):
    assert part(printed, "Segmentations that are switched off") == [
        "switched off: seg_rfm (add 'rfm' to the variable segmentations in "
        "dbt_project.yml)"
    ]


def test_the_summary_names_what_is_built_without_being_listed(
    tmp_path, monkeypatch, capsys
):
    models = [("segments", "seg_vip")]
    printed = summary_of(tmp_path, monkeypatch, capsys, models=models)
    assert part(printed, "Segmentations without memberships") == [
        "built, but not listed: seg_vip (add 'vip' to the variable segmentations)"
    ]


def test_the_summary_is_silent_when_every_segmentation_is_listed(printed):
    assert "without memberships" not in printed


def test_the_summary_fits_the_width(printed):
    assert max(map(len, printed.splitlines())) <= console.WIDTH


def test_the_queries_in_the_summary_work_as_printed(printed, tmp_path):
    command, others = printed.partition(".venv/bin/python")[2].split(
        "\n\nOther queries"
    )
    answer = subprocess.run(
        ["sh", "-c", f"{sys.executable}{command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    shown = re.findall(r"topic_\d+|loyal|at_risk", answer.stdout)
    topics = [f"topic_{i}" for i in reversed(range(30))]
    assert shown == [*topics, "loyal", "at_risk"], answer.stderr
    queries = [query for query in others.split("\n\n") if query.startswith("select")]
    assert len(queries) == 2
    with duckdb.connect(str(tmp_path / "data/shop/warehouse.duckdb")) as connection:
        for query in queries:
            assert connection.execute(query).fetchall()


def test_the_summary_of_a_partial_build_leaves_out_what_is_not_there(
    tmp_path, monkeypatch, capsys
):
    tables = (
        TABLES + "drop table drift.segment_sizes; drop table overlap.segment_overlap;"
    )
    printed = summary_of(tmp_path, monkeypatch, capsys, tables)
    assert "Rows read" in printed
    assert "Drift" in printed
    assert "Biggest overlaps" not in printed
    assert "show all tables" in printed


def test_the_summary_leaves_out_a_part_that_does_not_fit_an_older_table(
    tmp_path, monkeypatch, capsys
):
    tables = TABLES + "alter table drift.segment_drift rename status to state;"
    printed = summary_of(tmp_path, monkeypatch, capsys, tables)
    assert "Not shown, since a table is of an older build" in printed
    assert "Biggest overlaps" in printed


@pytest.mark.skipif(
    "USER_SEGMENTATION_TEST_WAREHOUSE" not in os.environ, reason="run by scripts/test"
)
def test_the_summary_fits_the_tables_of_the_project(capsys):
    summary.show(
        Path(os.environ["USER_SEGMENTATION_TEST_WAREHOUSE"]),
        Path(os.environ["USER_SEGMENTATION_TEST_TARGET"]),
    )
    printed = capsys.readouterr().out
    for title in ("Rows read", "Segments", "Biggest movements", "Biggest overlaps"):
        assert f"\n{title}" in printed
    assert "\nDrift" in printed
    assert "Not shown" not in printed


def test_the_summary_of_no_events_says_so(tmp_path, monkeypatch, capsys):
    tables = TABLES + "delete from drift.segment_sizes;"
    printed = summary_of(tmp_path, monkeypatch, capsys, tables)
    assert "there are no events" in printed


def test_a_table_never_exceeds_the_width_and_aligns_numbers():
    lines = console.table(
        ["name", "users"], [["a" * 200, "1"], ["b", "1,000"], ["segment_1", None]]
    )
    assert max(map(len, lines)) == console.WIDTH
    assert lines[2].endswith("..      1")
    assert lines[3].endswith("  1,000")


# scripts/test, and how commands end


@pytest.fixture
def run_steps(monkeypatch):
    """Runs scripts/test with steps of these results, in this process."""
    monkeypatch.setattr(console, "end_at_once_when_interrupted", lambda: None)
    monkeypatch.setattr(environment, "enter", lambda extras: None)

    def run(*arguments, **results):
        def step(name, needs=None):
            return command_test.Step(name, "about", lambda: results[name](), needs)

        steps = (step("lint"), step("build"), step("pytest", needs="build"))
        monkeypatch.setattr(command_test, "STEPS", steps)
        return command_test.main(list(arguments))

    return run


def passes():
    return True


def fails():
    return False


def crashes():
    raise RuntimeError("unexpected")


def table_of_steps(capsys):
    lines = capsys.readouterr().out.splitlines()
    return [" ".join(line.split()[:-1]) for line in lines[-lines[::-1].index("") :]][2:]


def test_all_steps_pass(run_steps, capsys):
    assert run_steps(lint=passes, build=passes, pytest=passes) == console.OK
    assert table_of_steps(capsys) == ["lint passed", "build passed", "pytest passed"]


@pytest.mark.parametrize("breaks", [fails, crashes])
def test_a_failed_step_does_not_keep_others_from_running(run_steps, capsys, breaks):
    assert run_steps(lint=breaks, build=passes, pytest=passes) == console.FAILED
    assert table_of_steps(capsys) == ["lint failed", "build passed", "pytest passed"]


def test_a_step_is_not_run_without_what_it_needs(run_steps, capsys):
    assert run_steps(lint=passes, build=fails, pytest=crashes) == console.FAILED
    assert table_of_steps(capsys) == ["lint passed", "build failed", "pytest not run"]


def test_one_step_alone(run_steps, capsys):
    assert run_steps("--only", "lint", lint=passes, build=fails) == console.OK
    assert table_of_steps(capsys) == ["lint passed"]


def test_steps_are_listed_from_any_folder(tmp_path):
    answer = run_python(SCRIPTS / "test", "--list", cwd=tmp_path)
    assert answer.returncode == console.OK
    for step in command_test.STEPS:
        assert step.name in answer.stdout


def test_pytest_is_the_last_step():
    assert command_test.STEPS[-1].name == "pytest"


@pytest.mark.parametrize("script", ["run", "test"])
def test_a_wrong_option_is_wrong_use(script):
    assert run_python(SCRIPTS / script, "--nothing").returncode == console.WRONG_USE


def test_an_interrupted_command_ends_at_once():
    program = (
        f"import sys, time; sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from project import console\n"
        "def command(arguments):\n"
        "    print('started', flush=True); time.sleep(60)\n"
        "console.guarded(command)([])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
    assert process.returncode == console.INTERRUPTED
    assert "Stopped." in told
    assert "Traceback" not in told


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(console, "end_at_once_when_interrupted", lambda: None)
    blocked = tmp_path / "file" / "inside"
    (tmp_path / "file").write_text("")
    command = console.guarded(lambda arguments: blocked.write_text(""))
    assert command([]) == console.WRONG_USE
    assert str(blocked) in capsys.readouterr().err
