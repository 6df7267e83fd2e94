"""Fill the placeholders of requests (``{{token}}``) with the values that the same file gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MAXIMUM_DEPTH = 8
"""How often a value may name another one."""
MAXIMUM_LENGTH = 200_000
"""Characters of a text with its placeholders filled; values that double each other end there."""

_PLACEHOLDER = re.compile(r"\{\{\s*(?:_\.)?([\w.-]+)\s*\}\}")
_DECLARATION = re.compile(r"\s*@([\w.-]+)\s*=\s*(.*?)\s*")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with the placeholders filled whose names are in ``values``; the others stay."""
    for _ in range(MAXIMUM_DEPTH):
        before = text
        text = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), before)
        if text == before:
            return text
        if len(text) > MAXIMUM_LENGTH:
            return before
    return text


def declared(lines: Iterable[str]) -> dict[str, str]:
    """Return the variables that the lines of a ``.http`` file declare: ``@name = value``."""
    found = (_DECLARATION.fullmatch(line) for line in lines)
    return {match[1]: match[2] for match in found if match is not None}
