#!/usr/bin/env python3
"""Write docs/rules.md, the reference of segment rules, from what describes the macros.

The page is made of the files in macros/rules: descriptions and types of arguments come
from _macros.yml, texts that several rules share from _rules__docs.md, signatures and
examples from the macros themselves. Edit these, then write the page again:

    scripts/rule_reference.py            # write the page
    scripts/rule_reference.py --check    # only tell whether it is up to date
"""

import argparse
import re
import sys
import textwrap
from dataclasses import dataclass

import jinja2
import yaml

from raw_contract import PROJECT, shown

PROGRAM = "rule_reference"
MACROS = PROJECT / "macros" / "rules"
PAGE = PROJECT / "docs" / "rules.md"
WIDTH = 88

SECTIONS = {
    "A segmentation": (None, ["segmentation", "segment"]),
    "Rules on events": (
        "reference_events",
        [
            "performed",
            "not_performed",
            "first_performed",
            "last_performed",
            "performed_in_order",
            "performed_without",
            "step",
            "performed_regularly",
        ],
    ),
    "Rules on profiles": ("reference_profiles", ["fact", "trait"]),
    "Rules on other segmentations, ranks and chance": (
        "reference_others",
        ["in_segment", "top_percent", "bottom_percent", "random_split"],
    ),
    "Groups of rules": (
        "reference_groups",
        ["all_of", "any_of", "none_of", "everyone"],
    ),
    "Written by hand": ("reference_by_hand", ["hand_written_segmentation"]),
}
"""Headings of the page: to the docs block below, if any, and the macros in order."""

TYPES = {
    "any": "several",
    "boolean": "true or false",
    "dict[string, any]": "dictionary",
    "float": "number",
    "integer": "whole number",
    "list[any]": "list",
    "list[dict[string, any]]": "list",
    "list[string]": "list of texts",
    "string": "text",
}
"""Types of _macros.yml in the words of the page."""

RETURNS_A_RULE = "Returns a rule that holds when "
DOC = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")
# What the column of defaults tells already.
PLAIN_DEFAULT = re.compile(r" ?\b(Required|Default `?'?\w+'?`?)\.(?=\s|$)")
MADE_BY = f"""<!--
Made by scripts/{PROGRAM}.py from the files in macros/rules: edit those instead.
-->"""


class InputError(Exception):
    """Why no page can be made of the files; its text says where to put it right."""


@dataclass(frozen=True)
class Argument:
    """One argument of a macro, with its description in full."""

    name: str
    type: str
    description: str
    block: str | None
    """The docs block that the description is, if it is one and nothing else."""
    default: str | None
    """As the signature has it; none for an argument without one."""

    @property
    def is_required(self):
        # Where arguments with a default stand before it, a required one has one too.
        return self.default is None or "Required." in self.description

    @property
    def is_long(self):
        return "\n\n" in self.description


@dataclass(frozen=True)
class Macro:
    """One public macro: what the page says of it."""

    name: str
    signature: str
    example: str
    summary: str
    """The first paragraph of its description, on one line."""
    edges: str
    """What follows in its description: what happens at the edges."""
    arguments: list[Argument]

    @property
    def is_rule(self):
        return self.summary.startswith(RETURNS_A_RULE)

    @property
    def holds_when(self):
        return self.summary.removeprefix(RETURNS_A_RULE)


def main(argv=None):
    """Write or check the page; return the exit code."""
    arguments = parser().parse_args(argv)
    try:
        text = page()
    except (InputError, OSError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    is_current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
    if arguments.check and not is_current:
        print(
            f"{PROGRAM}: {shown(PAGE)} is not what the files in macros/rules say. "
            f"Run scripts/{PROGRAM}.py and commit the page.",
            file=sys.stderr,
        )
        return 1
    if not is_current:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    print(f"{shown(PAGE)} {'is up to date' if is_current else 'is written'}")
    return 0


def parser():
    """Return the command line."""
    result = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit code: 0 all is well, 1 the page is not up to date, 2 wrong input.",
    )
    result.add_argument(
        "--check",
        action="store_true",
        help="write nothing; the exit code is 1 if the page is not up to date",
    )
    return result


# What the page is made of


def docs_blocks():
    """Return the texts of _rules__docs.md by name, as dbt renders them."""
    text = (MACROS / "_rules__docs.md").read_text(encoding="utf-8")
    found = re.findall(r"\{% docs (\w+) %\}\n(.*?)\{% enddocs %\}", text, re.DOTALL)
    environment = jinja2.Environment()
    return {
        name: environment.from_string(block).render().strip() for name, block in found
    }


def public_macros(docs):
    """Return what _macros.yml and the files say of each macro, in the page's order."""
    text = (MACROS / "_macros.yml").read_text(encoding="utf-8")
    entries = {entry["name"]: entry for entry in yaml.safe_load(text)["macros"]}
    names = [name for _, names in SECTIONS.values() for name in names]
    if differing := sorted(entries.keys() ^ set(names)):
        raise InputError(
            f"{', '.join(differing)}: only in one of _macros.yml and SECTIONS of "
            f"scripts/{PROGRAM}.py"
        )
    return {name: read_macro(entries[name], docs) for name in names}


def read_macro(entry, docs):
    """Return a macro from its entry in _macros.yml and its file."""
    name = entry["name"]
    code = (MACROS / f"{name}.sql").read_text(encoding="utf-8")
    defaults = defaults_in(code, name)
    summary, _, edges = with_docs(entry["description"], docs).partition("\n\n")
    arguments = [
        read_argument(argument, defaults.get(argument["name"]), docs)
        for argument in entry.get("arguments", [])
    ]
    return Macro(
        name,
        signature_of(code, name, defaults),
        example_in(code, name),
        one_line(summary),
        edges,
        arguments,
    )


def read_argument(entry, default, docs):
    """Return an argument from its entry in _macros.yml."""
    kind = re.sub(r"optional\[(.*)\]", r"\1", entry["type"])
    if kind not in TYPES:
        raise InputError(f"TYPES of scripts/{PROGRAM}.py has no word for {kind}")
    reference = DOC.fullmatch(entry["description"].strip())
    return Argument(
        entry["name"],
        TYPES[kind],
        with_docs(entry["description"], docs),
        reference and reference[1],
        default,
    )


def with_docs(text, docs):
    """Return a description with the docs blocks that it refers to."""

    def block(match):
        if match[1] not in docs:
            raise InputError(f"_rules__docs.md has no block {match[1]}")
        return docs[match[1]]

    return DOC.sub(block, text.strip())


def defaults_in(code, name):
    """Return the arguments of a macro to their defaults, as one would write them."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    for macro in environment.parse(code).find_all(jinja2.nodes.Macro):
        if macro.name == name:
            names = [argument.name for argument in macro.args]
            values = [default.as_const() for default in macro.defaults]
            written = ["none" if value is None else repr(value) for value in values]
            required = [None] * (len(names) - len(written))
            return dict(zip(names, required + written, strict=True))
    raise InputError(f"{name}.sql has no macro {name}")


def signature_of(code, name, defaults):
    """Return how a macro is called; a group takes rules without names."""
    arguments = [
        argument if default is None else f"{argument}={default}"
        for argument, default in defaults.items()
    ]
    if "'rules': varargs" in code:
        arguments = ["rule", "..."]
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    inside = textwrap.fill(", ".join(arguments), WIDTH - 4)
    return f"{name}(\n{textwrap.indent(inside, '    ')}\n)"


def example_in(code, name):
    """Return the example of a macro's header comment."""
    example = code.partition("#}")[0].partition("Example:")[2]
    if not example.strip():
        raise InputError(f"the comment on top of {name}.sql has no Example:")
    example = textwrap.dedent(example).strip()
    # A segmentation is a whole model; all else stands inside of one, without braces.
    if name.endswith("segmentation"):
        return example
    return example.removeprefix("{{").removesuffix("}}").strip()


# How it is written


def page():
    """Return the text of the page."""
    docs = docs_blocks()
    macros = public_macros(docs)
    detailed = detailed_arguments(macros)
    rules = [macro for macro in macros.values() if macro.is_rule]
    parts = [
        MADE_BY,
        "# Segment rules",
        docs["reference_start"],
        "## The rules at a glance",
        table(
            ["rule", "holds when"],
            [[link(rule.name), first_sentence(rule.holds_when)] for rule in rules],
        ),
        "## What holds for every rule",
        docs["reference_every_rule"],
    ]
    for title, (block, names) in SECTIONS.items():
        parts.append(f"## {title}")
        if block:
            parts.append(docs[block])
        for name in names:
            parts += chapter(macros[name], macros, detailed)
    parts += ["## Arguments in detail", docs["reference_arguments"]]
    for argument in detailed.values():
        parts += [
            f"### {argument.name}",
            users_of(argument, macros),
            argument.description,
        ]
    return "\n\n".join(parts) + "\n"


def detailed_arguments(macros):
    """Return what no table holds, by docs block: long texts and those of many rules."""
    arguments = [
        argument
        for macro in macros.values()
        if not twin(macro, macros, "arguments")
        for argument in macro.arguments
        if argument.block
    ]
    blocks = [argument.block for argument in arguments]
    return {
        argument.block: argument
        for argument in arguments
        if argument.is_long or blocks.count(argument.block) > 1
    }


def twin(macro, macros, part):
    """Return the macro before this one on the page that says the same in a part."""
    for other in macros.values():
        if other is macro:
            return None
        if getattr(macro, part) and getattr(macro, part) == getattr(other, part):
            return other
    return None


def chapter(macro, macros, detailed):
    """Return the parts of the page on one macro."""
    parts = [
        f"### {macro.name}",
        code_block(macro.signature),
        filled(f"Holds when {macro.holds_when}" if macro.is_rule else macro.summary),
        "For example:",
        code_block(macro.example),
    ]
    if same := twin(macro, macros, "arguments"):
        parts.append(f"Its arguments are those of {link(same.name)}.")
    elif macro.arguments:
        rows = [row(argument, detailed) for argument in macro.arguments]
        parts.append(table(["argument", "type", "default", "meaning"], rows))
    if same := twin(macro, macros, "edges"):
        parts.append(f"At the edges it is like {link(same.name)}.")
    elif macro.edges:
        parts += ["At the edges:", filled_list(macro.edges)]
    return parts


def row(argument, detailed):
    """Return the row of an argument; one with details has a sentence and a link."""
    has_details = argument.block in detailed
    meaning = one_line(argument.description)
    return [
        link(argument.name) if has_details else f"`{argument.name}`",
        argument.type,
        "required" if argument.is_required else f"`{argument.default}`",
        first_sentence(meaning) if has_details else PLAIN_DEFAULT.sub("", meaning),
    ]


def users_of(argument, macros):
    """Return a line of links to the macros that have an argument."""
    *links, last = [
        link(macro.name)
        for macro in macros.values()
        if argument.block in [other.block for other in macro.arguments]
    ]
    return filled(f"Of {', '.join(links)} and {last}." if links else f"Of {last}.")


def filled(text, indent=""):
    """Return a paragraph in lines of the page's width, each piece of code on one."""
    whole = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\0"), one_line(text))
    lines = textwrap.wrap(
        whole,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def filled_list(text):
    return "\n".join(filled(item, indent="  ") for item in re.split(r"\n(?=- )", text))


def one_line(text):
    return " ".join(text.split())


def first_sentence(text):
    return re.match(r".*?\.(?=\s|$)|.*", text)[0]


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    cells = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def code_block(text):
    return f"```jinja\n{text}\n```"


def link(heading):
    return f"[`{heading}`](#{heading})"


if __name__ == "__main__":
    raise SystemExit(main())
