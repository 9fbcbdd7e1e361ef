"""docs/semantics.md names for each point of the meaning of rules tests that there are."""

import re

import pytest
from conftest import ROOT

PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
POINTS = dict(re.findall(r"^## (\d+)\. (.+)$", PAGE, re.MULTILINE))
ROWS = {
    number: (title, tests)
    for number, title, tests in re.findall(
        r"^\| (\d+) ([^|]+?) \| (.+) \|$", PAGE, re.MULTILINE
    )
}
REFERENCE = re.compile(r"`([\w.]+)::(\w+)`")


def test_every_point_is_in_the_table_under_its_title():
    assert [int(number) for number in POINTS] == list(range(1, 16))
    assert {number: title for number, (title, _) in ROWS.items()} == POINTS


@pytest.mark.parametrize("number", ROWS)
def test_the_tests_of_a_point_are_there(number):
    _, tests = ROWS[number]
    references = REFERENCE.findall(tests)
    assert references
    for file, name in references:
        [path] = [*ROOT.glob(f"tests/pytest/{file}"), *ROOT.glob(f"models/*/{file}")]
        form = rf"^def {name}\(" if path.suffix == ".py" else rf"^  - name: {name}$"
        found = re.search(form, path.read_text(encoding="utf-8"), re.MULTILINE)
        assert found, f"{file} has no test {name}"


def test_every_page_of_cases_of_a_point_is_linked():
    linked = set(re.findall(r"\(\.\./semantics/(\w+\.yml)\)", PAGE))
    pages = {path.name for path in (ROOT / "semantics").glob("3_*.yml")}
    assert pages <= linked
    assert all((ROOT / "semantics" / name).exists() for name in linked)
