"""Which names of named values and fragments the policies of a file speak of."""

from __future__ import annotations

import re
from typing import Final

from claimlens.apim.declarations.model import NameKind
from claimlens.apim.sources import may_hold_policies

_USE: Final = re.compile(
    r"\{\{\s*+([A-Za-z0-9._-]{1,256})\s*+\}\}"
    r"""|<include-fragment\b[^<>]{0,500}?\bfragment-id\s*+=\s*+(?:\\?["']|\\u0022)([^"'\\<>{}]{1,256})"""
)
_OF_LIQUID: Final = ("body.", "context.")


def names_used(text: str) -> frozenset[tuple[NameKind, str]]:
    """Return the names that a text may use, in lower case; a few more where a template of another kind writes alike."""
    if not may_hold_policies(text):
        return frozenset()
    return frozenset(
        (NameKind.NAMED_VALUE, value.lower()) if value else (NameKind.FRAGMENT, fragment.lower())
        for value, fragment in _USE.findall(text)
        if not value.startswith(_OF_LIQUID)
    )
