"""A copy of this project whose only segmentation is that of the benchmark."""

import shutil
from pathlib import Path

from project.benchmark import segments
from project.benchmark.data import LAST_DAY
from project.paths import ROOT

PARTS = ("dbt_project.yml", "macros", "models", "seeds", "tests/generic")
PARTS += ("tests/singular",)
MEASURED = ("--select", "+segment_memberships")
"""What is compared with the other ways: all that memberships need."""
WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def write(folder: Path, asked, settings, snapshot_count=12):
    """Copy the project into the folder and give it the segments that are asked for."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    (folder / "profiles.yml").write_text(profile("user_segmentation", settings))
    write_segmentation(folder, segments.SEGMENTATION, asked)
    switch_on(folder, [segments.SEGMENTATION], snapshot_count)


def profile(name, settings):
    """A profile of dbt with one target, the warehouse of the environment."""
    return f"""\
{name}:
  target: prod
  outputs:
    prod:
      type: duckdb
      path: "{{{{ env_var('USER_SEGMENTATION_WAREHOUSE') }}}}"
      schema: main
      threads: {settings.threads}
      settings:
        threads: {settings.threads}
        memory_limit: "{settings.memory_limit}"
        preserve_insertion_order: false
"""


def write_segmentation(folder, name, asked):
    (folder / f"models/segments/seg_{name}.sql").write_text(segments.model(asked))


def switch_on(folder, names, snapshot_count):
    """Set the segmentations and the number of snapshots in dbt_project.yml."""
    import yaml

    file = folder / "dbt_project.yml"
    project = yaml.safe_load(file.read_text())
    project["vars"]["user_segmentation"] |= {
        "segmentations": list(names),
        "snapshot_count": snapshot_count,
        # Events after the day of the load are rejected, whatever day it is.
        "load_date": str(LAST_DAY),
    }
    file.write_text(yaml.safe_dump(project, sort_keys=False))
