"""What is promised of the knowledge about errors: form, sources, and that every entry finds what it is about."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import claimlens
from claimlens.entra.errors import lookup, recognise
from claimlens.entra.errors.catalogue import (
    entries,
    hidden_notes,
    messages,
    value_patterns,
    value_titles,
)
from claimlens.entra.errors.signs import SIGNS

PACKAGE = Path(claimlens.__file__).parent
DATA = PACKAGE / "entra" / "errors" / "data"
FILES = sorted(path for path in DATA.glob("*.toml") if path.stem not in ("values", "claim_names"))
CAUSES = frozenset(tomllib.loads((PACKAGE / "diagnosis" / "causes.toml").read_text(encoding="utf-8")))
REQUIRED = {"id", "meaning", "source"}
OPTIONAL = {"product", "pattern", "anchor", "causes", "fix", "example", "confidence", "loose", "severity"}
NAMES_IN_LOWER_CASE = ("validate-", "acceptMapped", "nginx", "lua-", "mod_auth", "kubectl", "jose4j", "aws-jwt-verify")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_has_the_form_that_is_read(path: Path) -> None:
    document = tomllib.loads(path.read_text(encoding="utf-8"))

    assert set(document) == {"product", "error"}
    for raw in document["error"]:
        assert REQUIRED <= set(raw) <= REQUIRED | OPTIONAL, raw["id"]
        assert raw.get("confidence", "high") in ("high", "medium", "low")
        assert raw.get("severity", "error") in ("error", "warning", "note")
        assert ("pattern" in raw) == ("anchor" in raw)


def test_an_identifier_stands_once() -> None:
    counted = Counter(entry.id.upper() for entry in entries())

    assert [identifier for identifier, count in counted.items() if count > 1] == []


def test_enough_is_known() -> None:
    known = [entry.id for entry in entries()]

    assert sum(code.startswith("IDX") for code in known) >= 200
    assert sum(code.startswith("AADSTS") for code in known) >= 130
    assert sum(code.startswith("AADB2C") for code in known) >= 100
    assert len(messages()) >= 350


def test_an_entry_is_written_in_short_sentences() -> None:
    for entry in entries():
        assert entry.meaning[0].isupper() or entry.meaning.startswith(NAMES_IN_LOWER_CASE), entry.id
        assert entry.meaning.endswith("."), entry.id
        assert not entry.fix or entry.fix.endswith("."), entry.id
        assert entry.fix or entry.severity == "note", entry.id
        assert len(entry.meaning) + len(entry.fix) < 420, entry.id


def test_an_entry_has_a_source() -> None:
    assert [entry.id for entry in entries() if not entry.source.startswith(("https://", "RFC "))] == []


def test_every_cause_is_a_public_one_and_stands_once() -> None:
    for entry in entries():
        assert set(entry.causes) <= CAUSES, entry.id
        assert len(set(entry.causes)) == len(entry.causes), entry.id


def test_an_example_is_recognised_as_what_it_exemplifies() -> None:
    for entry in entries():
        assert entry.id in [mention.entry.id for mention in recognise(entry.example)]
        assert any(anchor in entry.example.lower() for anchor in entry.anchors), entry.id


def test_a_message_is_recognised_in_the_middle_of_a_log() -> None:
    for entry in messages():
        text = f"2026-01-31T10:32:05Z [12] starting\n\t{entry.example}\n   at Some.Frame(line 12)\n"

        assert entry.id in [mention.entry.id for mention in recognise(text)]


def test_an_anchor_is_a_real_word_and_lower_case() -> None:
    for entry in messages():
        assert all(len(anchor) >= 3 and anchor == anchor.lower() for anchor in entry.anchors), entry.id


def test_message_patterns_take_linear_time() -> None:
    assert [entry.id for entry in messages() if entry.pattern and list(_costly(entry.pattern.pattern))] == []


def test_value_patterns_take_linear_time_and_have_one_group() -> None:
    for value in value_patterns():
        assert list(_costly(value.pattern.pattern)) == [], value.pattern.pattern
        assert value.pattern.groups == 1, value.pattern.pattern


def test_every_value_has_a_title() -> None:
    assert {value.name for value in value_patterns()} == set(value_titles())
    assert all(title[0].isupper() for title in value_titles().values())


def test_notes_about_hidden_values_have_sources() -> None:
    assert hidden_notes()
    assert all(note.source.startswith("https://") and note.fix.endswith(".") for note in hidden_notes())


def test_signs_are_patterns() -> None:
    assert all(re.compile(sign) for sign in SIGNS)


def test_codes_are_looked_up_in_any_case() -> None:
    found = lookup("idx10214")

    assert found is not None
    assert found.id == "IDX10214"
    assert lookup("IDX99999") is None


def _costly(pattern: str) -> Iterator[str]:
    """Yield what may take more than linear time: repeats without a bound, and long repeats in long repeats."""
    from re import _parser  # type: ignore[attr-defined]

    yield from _costly_in(_parser.parse(pattern), 1)


_LARGE = 10_000
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


def _costly_in(parsed: Iterable[tuple[object, object]], times: int) -> Iterator[str]:
    for operation, argument in parsed:
        name = str(operation)
        if name in _REPEATS:
            _, most, body = argument  # type: ignore[misc]
            if int(most) > _LARGE:
                yield f"{name} without a bound"
            elif times > 1 and int(most) > 1 and times * int(most) > _LARGE:
                yield f"{name} {times} x {int(most)}"
            yield from _costly_in(body, times * int(most))
        elif name == "BRANCH":
            for branch in argument[1]:  # type: ignore[index]
                yield from _costly_in(branch, times)
        elif name == "SUBPATTERN":
            yield from _costly_in(argument[3], times)  # type: ignore[index]
