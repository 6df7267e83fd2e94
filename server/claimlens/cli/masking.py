"""Shows a mask in the place of every token, whatever it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

_SHORTEST_TOKEN = 16
"""Characters; what is shorter is not looked into."""
_DEEPEST = 100
"""Levels of a value that are shown; what lies deeper is left out."""


def masked(text: str) -> str:
    """Return text with each token as it may be shown: ``eyJhbGci…[1706 characters, RS256]``."""
    if len(text) < _SHORTEST_TOKEN:
        return text
    from claimlens import jose

    pieces, position = [], 0
    for token in jose.scan(text):
        end = token.disclosures[-1].span.end if token.disclosures else token.span.end
        pieces += [text[position : token.span.start], token.masked()]
        position = end
    return "".join([*pieces, text[position:]])


def masked_within(value: Any, depth: int = 0) -> Any:
    """Return a value with the tokens masked in every text in it, in lists, mappings and attrs classes too."""
    if isinstance(value, str):
        return masked(value) if type(value) is str else value
    if depth == _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {masked(str(name)): masked_within(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        made = [masked_within(each, depth + 1) for each in value]
        return made if isinstance(value, list) else tuple(made)
    if attrs.has(type(value)):
        fields = {field.name: field.alias or field.name for field in attrs.fields(type(value))}
        return attrs.evolve(
            value, **{alias: masked_within(getattr(value, name), depth + 1) for name, alias in fields.items()}
        )
    return value
