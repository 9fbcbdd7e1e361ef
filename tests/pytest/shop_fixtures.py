"""Fixtures that open shops whose builds can be disturbed.

A test module that wants them says `pytest_plugins = ["dbt_project", "shop_fixtures"]`.
They stand apart from what test modules import, because pytest rewrites the assertions
of a plugin only where nobody has imported it before.
"""

import shutil

import pytest
from disturbed_shop import Shop
from forked_builds import Nursery
from segmentations import FEW_SEGMENTATIONS

from project.paths import ROOT


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory):
    """Return what makes a shop of a project's folder."""
    nurseries = []

    def open_it(project):
        shutil.copy(ROOT / "selectors.yml", project.folder)
        nurseries.append(Nursery(project.folder))
        return Shop(nurseries[-1], tmp_path_factory.mktemp("warehouses"))

    yield open_it
    for nursery in nurseries:
        nursery.close()


@pytest.fixture(scope="module")
def shop(copy_project, open_shop):
    return open_shop(copy_project("faults", segmentations=FEW_SEGMENTATIONS))
