"""Typed, safe access to the claims of a token that may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claimlens.entra.model import Claims

MOST_ENTRIES = 500
"""No more entries of a list claim are looked at: a hostile token may hold a million."""


def text(claims: Claims, name: str) -> str | None:
    """Return the claim if it is text that is not blank."""
    value = claims.get(name)
    return value if isinstance(value, str) and value.strip() else None


def texts(claims: Claims, name: str) -> tuple[str, ...]:
    """Return the claim's entries that are text: a lone text counts as a list of one."""
    value = claims.get(name)
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple):
        return tuple(entry for entry in value[:MOST_ENTRIES] if isinstance(entry, str) and entry)
    return ()


def words(claims: Claims, name: str) -> tuple[str, ...]:
    """Return the words of a space-separated claim; a list of texts counts too."""
    return tuple(word for entry in texts(claims, name) for word in entry.split())[:MOST_ENTRIES]


def mapping(value: Any) -> Claims:
    """Return ``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
