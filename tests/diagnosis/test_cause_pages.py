"""The causes' documentation. ``UPDATE_PAGES=1`` writes ``docs/causes`` anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from claimlens.diagnosis import pages
from claimlens.diagnosis.model import CauseDescription, cause_descriptions
from claimlens.entra.errors.catalogue import entries
from claimlens.rules.registry import registry

FOLDER = Path(__file__).parents[2] / "docs" / "causes"
CAUSES = list(cause_descriptions().values())


@pytest.fixture(scope="module", autouse=True)
def _updated_pages() -> None:
    if os.environ.get("UPDATE_PAGES"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in FOLDER.glob("*.md"):
            path.unlink()
        for name, text in wanted().items():
            (FOLDER / name).write_text(text, encoding="utf-8")


def wanted() -> dict[str, str]:
    return {"README.md": pages.index()} | {f"{known.code}.md": pages.page(known) for known in CAUSES}


def test_the_pages_are_those_of_the_causes() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}

    assert written == wanted(), "write them anew with UPDATE_PAGES=1"


@pytest.mark.parametrize("known", CAUSES, ids=lambda known: known.code)
def test_every_cause_has_a_code_a_title_a_meaning_a_fix_and_a_source(known: CauseDescription) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", known.code)
    assert known.title[:1].isupper()
    assert not known.title.endswith(".")
    assert known.meaning.endswith(".")
    assert known.fix.endswith(".")
    assert re.search(r"RFC \d{4}|https://", known.source)


def test_titles_and_meanings_are_told_once() -> None:
    assert len({known.title for known in CAUSES}) == len(CAUSES)
    assert len({known.meaning for known in CAUSES}) == len(CAUSES)


def test_messages_and_rules_name_only_known_causes() -> None:
    known = set(cause_descriptions())

    assert {cause for entry in entries() for cause in entry.causes} <= known
    assert {rule.cause for rule in registry().values() if rule.cause} <= known
