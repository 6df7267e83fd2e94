"""The rules' documentation. ``UPDATE_PAGES=1`` writes ``docs/rules`` anew."""

from __future__ import annotations

import os
import re
import textwrap
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimlens.jose import scan
from claimlens.jose.jwk import find_keys
from claimlens.rules import pages
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Finding, Rule, Severity, rule
from claimlens.rules.registry import FAMILIES, registry, unknown_codes
from claimlens.settings import Settings, from_mapping
from tests.support.tokens import token_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "rules"
CAUSES = tomllib.loads((ROOT / "server/claimlens/diagnosis/causes.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _updated_pages() -> None:
    if os.environ.get("UPDATE_PAGES"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in FOLDER.glob("*.md"):
            path.unlink()
        for name, text in wanted().items():
            (FOLDER / name).write_text(text, encoding="utf-8")


def wanted() -> dict[str, str]:
    return {"README.md": pages.index()} | {f"{code}.md": pages.page(rule) for code, rule in registry().items()}


def test_the_pages_are_those_of_the_rules() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}

    assert written == wanted(), "write them anew with UPDATE_PAGES=1"


def test_every_rule_is_in_the_index() -> None:
    assert all(f"[{code}]({code}.md)" in pages.index() for code in registry())


def test_the_settings_shown_in_the_index_are_accepted() -> None:
    for block in re.findall("```toml\n(.*?)```", pages.index(), re.DOTALL):
        settings, problems = from_mapping(tomllib.loads(block))

        assert (problems, unknown_codes(settings)) == ((), ())
        assert settings != Settings()


@pytest.mark.parametrize("code", registry())
def test_a_page_says_why_how_to_fix_it_and_shows_bad_and_good(code: str) -> None:
    text = registry()[code].documentation

    assert re.match(r"\S[^\n]+\.\n\n", text), "it begins with one sentence"
    assert "## How to fix it" in text
    assert "## Example" in text
    assert code.startswith("suppression-") or "## Sources" in text


@pytest.mark.parametrize("code", registry())
def test_a_summary_is_one_sentence_without_its_full_stop(code: str) -> None:
    summary = registry()[code].summary

    assert summary[0].isupper()
    assert not summary.endswith(".")


@pytest.mark.parametrize("code", registry())
def test_a_page_holds_no_token_with_a_signature_and_no_private_key(code: str) -> None:
    text = pages.page(registry()[code])
    complete = [token for token in scan(text) if token.text.count(".") == 2 and not token.text.endswith(".")]

    assert complete == []
    assert all("…" in key.span.slice(text) for document in find_keys(text) for key in document.keys if key.private)


@pytest.mark.parametrize("code", [code for code, rule in registry().items() if rule.cause])
def test_a_cause_is_one_that_is_known(code: str) -> None:
    assert registry()[code].cause in CAUSES


@pytest.mark.parametrize("code", registry())
def test_the_setting_on_the_page_is_accepted(code: str) -> None:
    block = pages.page(registry()[code]).rpartition("```toml\n")[2].partition("```")[0]
    settings, problems = from_mapping(tomllib.loads(block))

    assert problems == ()
    assert list(settings.rules) == [code]


def test_every_module_of_rules_is_in_the_table_of_families() -> None:
    folder = ROOT / "server" / "claimlens" / "rules"
    exporting = {
        ".".join(path.relative_to(ROOT / "server").with_suffix("").parts)
        for path in folder.rglob("*.py")
        if re.search(r"^RULES = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert exporting == {module for modules in FAMILIES.values() for module in modules}


def test_no_code_is_given_to_two_rules() -> None:
    from claimlens.rules.registry import rules_of

    codes = [rule.code for family in FAMILIES for rule in rules_of(family)]

    assert len(codes) == len(set(codes))


def test_the_rule_in_the_guide_for_contributors_works() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = textwrap.dedent(guide.partition("```python\n")[2].partition("```")[0])
    names = {"rule": rule, "Severity": Severity, "TokenContext": TokenContext, "Iterator": Iterator, "Finding": Finding}
    exec(code, names)
    made = names["jwt_example"]

    assert isinstance(made, Rule)
    assert "## How to fix it" in made.documentation
    context = TokenContext(token_of({"odd": 1}), Settings(), datetime(2026, 1, 1, tzinfo=UTC))
    assert [finding.code for finding in made.check(context)] == ["jwt-example"]
