"""Load what is known about errors."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

import attrs

from claimlens.entra.errors.model import ErrorEntry


@attrs.frozen
class ValuePattern:
    """How a value stands in the messages of some products."""

    name: str
    pattern: re.Pattern[str]
    products: frozenset[str]


def lookup(code: str) -> ErrorEntry | None:
    """Return what is known about a code such as ``IDX10214`` or ``AADSTS50013``, or None."""
    return codes().get(code.upper())


@functools.cache
def entries() -> tuple[ErrorEntry, ...]:
    """Return every entry, in the order of the files' names."""
    found: list[ErrorEntry] = []
    data = resources.files("claimlens.entra.errors") / "data"
    for file in sorted(data.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml") and file.name != "values.toml":
            document = tomllib.loads(file.read_text(encoding="utf-8"))
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
    text = (resources.files("claimlens.entra.errors") / "data" / "values.toml").read_text(encoding="utf-8")
    return tuple(
        ValuePattern(raw["name"], re.compile(pattern, re.IGNORECASE), frozenset(raw.get("products", ())))
        for raw in tomllib.loads(text)["value"]
        for pattern in raw["patterns"]
    )


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
