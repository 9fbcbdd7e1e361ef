"""What the project ships: the segmentations that dbt_project.yml switches on."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
SEGMENTATIONS = SETTINGS["vars"]["user_segmentation"]["segmentations"]
