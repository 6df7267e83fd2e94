"""Each rule against its fixtures: files with the expected findings marked (`tests.support.markers`).

``UPDATE_MARKS=1`` rewrites the marks to what the rules say; read the diff before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claimlens.rules.registry import registry, rules_of
from tests.support import markers
from tests.support.checking import check_marked, update_marks

FIXTURES = Path(__file__).parent / "fixtures"
PATHS = sorted(FIXTURES.glob("*/*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_fixture_has_exactly_the_findings_that_are_marked_in_it(path: Path) -> None:
    if os.environ.get("UPDATE_MARKS"):
        update_marks(path)
    marked = markers.read(path.read_text(encoding="utf-8"))
    result = check_marked(marked)

    assert result.failures == ()
    markers.assert_findings(marked, result.findings)
    markers.assert_fixes(marked, result.findings)


ON_REQUEST = {rule.code for rule in rules_of("verification")}
"""Rules that speak only where the user had a token verified; tests/lsp/test_verification.py holds their tests."""


@pytest.mark.parametrize("code", sorted(registry().keys() - ON_REQUEST))
def test_every_code_has_a_fixture_with_it_and_one_without(code: str) -> None:
    fixtures = [markers.read(path.read_text(encoding="utf-8")) for path in (FIXTURES / code).glob("*.txt")]
    with_it = [any(mark.code == code for mark in fixture.marks) for fixture in fixtures]

    assert True in with_it
    assert False in with_it


def test_every_folder_of_fixtures_is_that_of_a_rule() -> None:
    assert {path.parent.name for path in PATHS} <= set(registry())
