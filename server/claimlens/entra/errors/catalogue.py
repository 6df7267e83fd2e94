"""Load what is known about errors."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import attrs

from claimlens.entra.errors.model import ErrorEntry
from claimlens.text.prefilter import required_word


@attrs.frozen
class ValuePattern:
    """How a value stands in the messages of some products.

    Attributes:
        name: of the value.
        pattern: its first group is the value.
        products: whose messages; empty for all.
        word: text in lower case without which the pattern cannot match; may be empty.
    """

    name: str
    pattern: re.Pattern[str]
    products: frozenset[str]
    word: str = ""


@attrs.frozen
class HiddenNote:
    """Why a product hides values in its messages, and how to show them."""

    id: str
    products: frozenset[str]
    meaning: str
    fix: str
    source: str


def lookup(code: str) -> ErrorEntry | None:
    """Return what is known about a code such as ``IDX10214`` or ``AADSTS50013``, or None."""
    return codes().get(code.upper())


def _read(text: str) -> Mapping[str, Any]:
    import tomllib  # read once, and only where a text is searched

    return tomllib.loads(text)


_OTHER_FILES = frozenset({"claim_names.toml", "values.toml"})


@functools.cache
def entries() -> tuple[ErrorEntry, ...]:
    """Return every entry, in the order of the files' names."""
    found: list[ErrorEntry] = []
    data = resources.files("claimlens.entra.errors") / "data"
    for file in sorted(data.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml") and file.name not in _OTHER_FILES:
            document = _read(file.read_text(encoding="utf-8"))
            product = document["product"]
            found.extend(_entry(raw, raw.get("product", product)) for raw in document["error"])
    return tuple(found)


@functools.cache
def codes() -> Mapping[str, ErrorEntry]:
    """Return the entries that are known by a code, by that code in upper case."""
    return {entry.id.upper(): entry for entry in entries() if entry.pattern is None}


@functools.cache
def messages() -> tuple[ErrorEntry, ...]:
    """Return the entries that are known by a pattern."""
    return tuple(entry for entry in entries() if entry.pattern is not None)


@functools.cache
def value_patterns() -> tuple[ValuePattern, ...]:
    """Return how values stand in messages, the more specific first."""
    return tuple(
        ValuePattern(raw["name"], _value_pattern(pattern), frozenset(raw.get("products", ())), required_word(pattern))
        for raw in _values_document()["value"]
        for pattern in raw["patterns"]
    )


@functools.cache
def value_titles() -> Mapping[str, str]:
    """Return what to call a value for people, by its name."""
    return {raw["name"]: raw["title"] for raw in _values_document()["value"]}


@functools.cache
def hidden_notes() -> tuple[HiddenNote, ...]:
    """Return what is known about values that products hide."""
    return tuple(
        HiddenNote(raw["id"], frozenset(raw["products"]), raw["meaning"], raw["fix"], raw["source"])
        for raw in _values_document()["hidden"]
    )


@functools.cache
def _values_document() -> Mapping[str, Any]:
    text = (resources.files("claimlens.entra.errors") / "data" / "values.toml").read_text(encoding="utf-8")
    return _read(text)


_QUOTE = r"""(?:\\{0,4}["'`]|&#39;|&quot;|&apos;|\\{1,4}u00(?:27|22))"""
"""A quote as it stands in text, JSON (``\\"``, ``\\u0027``) and HTML."""
_UP_TO_QUOTE = r"""((?:[^"'`\n\\]|\\/){0,300}?)"""
"""A value between quotes; JSON may write its slashes as ``\\/``."""


def _value_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("{q}", _QUOTE).replace("{u}", _UP_TO_QUOTE), re.IGNORECASE)


def _entry(raw: Mapping[str, object], product: object) -> ErrorEntry:
    pattern = raw.get("pattern")
    identifier = str(raw["id"])
    anchor = raw.get("anchor", identifier.lower())
    return ErrorEntry(
        id=identifier,
        product=str(product),
        anchors=(anchor,) if isinstance(anchor, str) else tuple(anchor),  # type: ignore[arg-type]
        pattern=re.compile(str(pattern), re.IGNORECASE) if pattern else None,
        meaning=str(raw["meaning"]),
        causes=tuple(raw.get("causes", ())),  # type: ignore[arg-type]
        fix=str(raw.get("fix", "")),
        source=str(raw["source"]),
        example=str(raw.get("example", identifier)),
        confidence=raw.get("confidence", "high"),  # type: ignore[arg-type]
        loose=bool(raw.get("loose", False)),
        severity=raw.get("severity", "error"),  # type: ignore[arg-type]
    )
