"""docs/rules.md says what the macros and their descriptions say; its code compiles."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

import rule_reference

pytest_plugins = "dbt_project"

ROOT = Path(__file__).resolve().parents[2]
MACROS = ROOT / "macros" / "rules"
PAGE = ROOT / "docs" / "rules.md"
LINE_LENGTH = 88
CODE = re.compile(r"^```jinja\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text()


@pytest.fixture(scope="module")
def documented():
    """The macros of _macros.yml by name, each with its arguments by name."""
    entries = yaml.safe_load((MACROS / "_macros.yml").read_text())["macros"]
    return {
        entry["name"]: {a["name"]: a for a in entry.get("arguments", [])}
        for entry in entries
    }


@pytest.fixture(scope="module")
def macros():
    return rule_reference.public_macros(rule_reference.docs_blocks())


def headings(page, level):
    return re.findall(rf"^{'#' * level} (.*)$", page, re.MULTILINE)


def chapter(page, name):
    """The part of the page on one macro."""
    return re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", page, re.S | re.M)[1]


# The page and the files


def test_the_page_is_what_the_files_say():
    assert rule_reference.main(["--check"]) == 0


def test_every_public_rule_macro_has_one_chapter(page, documented):
    files = {file.stem for file in MACROS.glob("*.sql")}
    assert documented.keys() == files
    assert sorted(set(headings(page, 3)) & files) == sorted(files)
    assert len(headings(page, 3)) == len(set(headings(page, 3)))


def test_segmentation_comes_first_and_what_is_written_by_hand_last(page, documented):
    chapters = [name for name in headings(page, 3) if name in documented]
    assert chapters[:3] == ["segmentation", "segment", "performed"]
    assert chapters[-1] == "hand_written_segmentation"


def test_every_argument_has_a_row_in_its_chapter_or_in_that_of_the_same_ones(
    page, documented
):
    missing = []
    for name, arguments in documented.items():
        text = chapter(page, name)
        if same := re.search(r"^Its arguments are those of \[`(\w+)`\]", text, re.M):
            assert arguments == documented[same[1]]
            text = chapter(page, same[1])
        rows = re.findall(r"^\| \[?`(\w+)`", text, re.MULTILINE)
        if rows != list(arguments):
            missing.append(f"{name}: {rows} instead of {list(arguments)}")
    assert not missing


def test_every_chapter_has_signature_meaning_and_example(page, documented):
    for name in documented:
        signature, example = CODE.findall(chapter(page, name))
        assert signature.startswith(f"{name}(")
        assert re.search(rf"(?<!\w){name}\(", example)
        meaning = chapter(page, name).partition("For example:")[0]
        assert re.search(r"^(Holds when|Returns|Renders) .*\.$", meaning, re.S | re.M)


def test_a_description_says_required_or_the_default_as_the_signature_does(macros):
    wrong = []
    for macro in macros.values():
        for argument in macro.arguments:
            says_required = bool(re.search(r"\bRequired[.,;]", argument.description))
            says_default = "Default" in argument.description
            if argument.default is None and not says_required:
                wrong.append(f"{macro.name}({argument.name}=) does not say Required")
            elif argument.default is not None and not (says_required or says_default):
                wrong.append(f"{macro.name}({argument.name}=) does not say its default")
    assert not wrong


def test_every_shared_text_is_on_the_page(page):
    words = " ".join(page.split())
    missing = [
        name
        for name, text in rule_reference.docs_blocks().items()
        # What is in a table has lost its plain default there.
        if rule_reference.first_sentence(" ".join(text.split())) not in words
    ]
    assert not missing


def test_every_link_leads_to_a_heading_or_to_a_page(page):
    targets = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for level in (1, 2, 3)
        for heading in headings(page, level)
    }
    links = set(re.findall(r"\]\(([^)]*)\)", page))
    headed = {link for link in links if link.startswith("#")}
    assert headed
    assert {link.removeprefix("#") for link in headed} <= targets
    assert all((PAGE.parent / link).is_file() for link in links - headed)


def test_lines_of_the_page_are_short_but_in_tables(page):
    assert not [
        line
        for line in page.splitlines()
        if len(line) > LINE_LENGTH and not line.startswith("|")
    ]


def test_every_table_has_as_many_cells_in_each_row(page):
    for rows in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", row)) for row in rows.splitlines()}
        assert len(counts) == 1, rows


# The command


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the macros and the page, on which the script works."""
    folder = tmp_path / "rules"
    shutil.copytree(MACROS, folder)
    monkeypatch.setattr(rule_reference, "MACROS", folder)
    monkeypatch.setattr(rule_reference, "PAGE", tmp_path / "docs" / "rules.md")
    return folder


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_page_is_written_and_then_up_to_date(copy, page, capsys):
    assert rule_reference.main(["--check"]) == 1
    assert rule_reference.main([]) == 0
    assert capsys.readouterr().out.endswith("rules.md is written\n")
    assert rule_reference.PAGE.read_text() == page
    assert rule_reference.main(["--check"]) == 0
    assert rule_reference.main([]) == 0
    assert capsys.readouterr().out.count("rules.md is up to date\n") == 2


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("_macros.yml", "Who these users are", "Who they are"),
        ("_rules__docs.md", "0 is the same day", "0 is that day"),
        ("_rules__docs.md", "What users did", "What people did"),
        ("fact.sql", "'>', 90)", "'>', 91)"),
        ("segment.sql", "min_size=none", "min_size=50"),
    ],
)
def test_a_page_that_differs_from_a_file_fails_the_check(copy, name, old, new, capsys):
    rule_reference.main([])
    before = rule_reference.PAGE.read_text()
    change(copy / name, old, new)
    assert rule_reference.main(["--check"]) == 1
    error = capsys.readouterr().err
    assert "rules.md is not what the files in macros/rules say. " in error
    assert "Run scripts/rule_reference.py and commit the page." in error
    assert rule_reference.PAGE.read_text() == before
    rule_reference.main([])
    assert new in rule_reference.PAGE.read_text()


@pytest.mark.parametrize(
    "name, old, new, error",
    [
        (
            "fact.sql",
            "Example:",
            "Like:",
            "the comment on top of fact.sql has no Example:",
        ),
        ("fact.sql", "macro fact(", "macro facts(", "fact.sql has no macro fact"),
        (
            "_macros.yml",
            "- name: fact\n",
            "- name: facts\n",
            "fact, facts: only in one of _macros.yml and SECTIONS of "
            "scripts/rule_reference.py",
        ),
        (
            "_rules__docs.md",
            "docs rule_where",
            "docs rule_when",
            "_rules__docs.md has no block rule_where",
        ),
        (
            "_macros.yml",
            "type: list[string]",
            "type: list[integer]",
            "TYPES of scripts/rule_reference.py has no word for list[integer]",
        ),
    ],
)
def test_what_no_page_can_be_made_of_is_told(copy, name, old, new, error, capsys):
    change(copy / name, old, new)
    assert rule_reference.main([]) == 2
    assert capsys.readouterr().err == f"rule_reference: {error}\n"
    assert not rule_reference.PAGE.exists()


# The code on the page


def checked(example):
    """Jinja that compiles an example to the SQL of a model."""
    if example.startswith("{{ segmentation("):
        # The macro itself belongs into a model: it reads the name and sets the config.
        given = example.removeprefix("{{ segmentation").removesuffix("}}").strip()
        arguments = f"dict{given}"
    elif example.startswith("segment("):
        arguments = f"dict(segments=[{example}])"
    else:
        is_step = example.startswith("step(")
        rule = f"performed_in_order([{example}])" if is_step else example
        arguments = f"dict(segments=[segment('a', rule={rule})])"
    return (
        "{%- set given = {'assignment': 'exclusive', 'otherwise': none, "
        "'population': none, 'unknown_arguments': []} -%}"
        f"{{%- do given.update({arguments}) -%}}"
        "{%- set definition = "
        "user_segmentation._check_segmentation('seg_example', given) -%}"
        "{{ user_segmentation._segmentation_sql('seg_example', definition) }}"
    )


def test_every_example_compiles(page, macros, parsed_project):
    signatures = {macro.signature for macro in macros.values()}
    examples = [code for code in CODE.findall(page) if code not in signatures]
    assert {macro.example for macro in macros.values()} < set(examples)
    # This one sets the config of a model, which the last test looks for instead.
    examples.remove(macros["hand_written_segmentation"].example)
    separator = "---- the next example"
    code = separator.join(checked(example) for example in examples)
    compiled = parsed_project.rendered(code).split(separator)
    assert len(compiled) == len(examples)
    assert all("as rule_hash\nfrom memberships" in sql for sql in compiled)


@pytest.mark.parametrize(
    "example",
    [
        "performed('purchase', at_lest=2)",
        "step('purchase', where={})",
        "segment('Buyer', rule=everyone())",
        "{{ segmentation(segments=[]) }}",
        "fact('revenue_1d', '>', 90)",
        "in_segment('seg_lifecycle', 'loyal')",
    ],
)
def test_an_example_with_a_mistake_does_not_compile(example, parsed_project):
    assert not parsed_project.compile(checked(example)).succeeded


def test_the_example_of_a_segmentation_by_hand_stands_in_a_model(macros):
    example = macros["hand_written_segmentation"].example
    models = (ROOT / "models" / "segments").glob("seg_*.sql")
    assert any(example in model.read_text() for model in models)
