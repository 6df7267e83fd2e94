"""The documents are true: links lead somewhere, paths and names exist, tables say what the code says."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from claimlens.cli.commands import COMMANDS
from tests.support.command import run

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    path
    for pattern in (
        "*.md",
        "docs/*.md",
        "docs/editors/*.md",
        "docs/guides/*.md",
        "docs/rules/README.md",
        "examples/*.md",
    )
    for path in sorted(ROOT.glob(pattern))
    if path != ROOT / "examples/notes.md"
]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
MAPS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PLACES_OF_PATHS = ("", "server/claimlens/", "client/src/")


def links(text: str) -> Iterator[tuple[str, str | None]]:
    yield from ((found[1], found[2]) for found in LINK.finditer(FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_column(text: str, heading: str) -> list[str]:
    """Return the first column of the table that stands under ``heading``."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [row.split("|")[1].strip() for row in section.splitlines() if row.startswith("|")][2:]


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for path, anchor in links(TEXTS[name]):
        target = folder / path if path else ROOT / name

        assert target.exists(), f"{name} links to {path}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{name} links to {path}#{anchor}"


@pytest.mark.parametrize("name", MAPS)
def test_paths_in_the_maps_exist(name: str) -> None:
    paths = {code for code in CODE.findall(TEXTS[name]) if re.fullmatch(r"[\w.*-]+(/[\w.*-]+)+/?", code)}
    known = {path for path in paths if "NAME" not in path and "/jwt-example" not in path}

    assert known
    missing = [path for path in known if not any([*ROOT.glob(place + path.rstrip("/"))] for place in PLACES_OF_PATHS)]
    assert not missing, f"{name} names {missing}"


@pytest.mark.parametrize("name", MAPS)
def test_names_in_the_maps_exist(name: str) -> None:
    for dotted in CODE.findall(TEXTS[name]):
        if re.fullmatch(r"claimlens(\.\w+)+", dotted):
            assert resolves(dotted), f"{name} names {dotted}"


def resolves(dotted: str) -> bool:
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, attribute = dotted.rpartition(".")
        return hasattr(importlib.import_module(module), attribute)
    return True


def test_the_readme_lists_the_commands_that_there_are() -> None:
    listed = [cell.split()[1].strip("`") for cell in table_column(TEXTS["README.md"], "On the command line")]

    assert listed == [*COMMANDS, "lsp"]


def test_the_readme_shows_what_is_really_printed() -> None:
    (sample,) = re.findall(r"^```console\n(.*?)^```$", TEXTS["README.md"], re.MULTILINE | re.DOTALL)
    command, *shown = sample.splitlines()
    printed = run(*command.removeprefix("$ claimlens ").split(), folder=ROOT).output

    left_out = r"(?:.*\n)+"
    assert re.fullmatch("".join(left_out if line == "…" else f"{re.escape(line)}\n" for line in shown), printed)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w-]", entry, maxsplit=1)[0] for entry in project["dependencies"]}
    told = {
        name
        for cell in table_column(TEXTS["ARCHITECTURE.md"], "Dependencies, and why each is there")
        for name in cell.split(", ")
    }
    development = TEXTS["ARCHITECTURE.md"].split("For development:", 1)[1]

    assert names <= told
    for entry in project["optional-dependencies"]["dev"]:
        name = re.split(r"[^\w-]", entry, maxsplit=1)[0]
        assert name.startswith("types-") or name.endswith("-stubs") or name in development, f"why {name}?"


def test_every_invariant_names_a_test_that_is_there() -> None:
    section = TEXTS["ARCHITECTURE.md"].split("\n## Invariants", 1)[1].split("\n## ", 1)[0]
    rows = [row for row in section.splitlines() if row.startswith("|")][2:]

    assert rows
    for row in rows:
        assert re.search(r"`(tests/[^`]+|pyproject\.toml)`", row), row
