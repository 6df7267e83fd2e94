"""Variables of ``.http`` files: ``@name = value`` sets one, ``{{name}}`` stands for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"^[ \t]*@(?P<name>[\w.-]+)[ \t]*=[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)
_USE = re.compile(r"\{\{[ \t]*(?:_\.|\$dotenv[ \t]+)?([\w.-]+)[ \t]*\}\}")
"""How a variable is used; Insomnia writes ``_.name``, and ``$dotenv`` stands before one of a ``.env`` file."""
_LONGEST = 100_000
"""Characters that filling in may lead to; a use that would lead to more stays as it is."""
_NESTED = 4
"""Variables within variables that are filled in."""


def variables_of(text: str) -> dict[str, str]:
    """Return the variables that a ``.http`` text sets, as they are written; the last value of a name counts."""
    return {found["name"]: found["value"].strip() for found in _VARIABLE.finditer(text)}


def filled(part: str, variables: Mapping[str, str]) -> str:
    """Return a part of a ``.http`` text with the variables filled in; those that are not known stay as they are."""
    for _ in range(_NESTED):
        if "{{" not in part:
            break
        part = _filled_once(part, variables)
    return part


def unset(part: str) -> str | None:
    """Return the name of the first variable that is still to be filled in, or None."""
    found = _USE.search(part)
    return found[1] if found else None


def _filled_once(part: str, variables: Mapping[str, str]) -> str:
    room = _LONGEST - len(part)

    def value(use: re.Match[str]) -> str:
        nonlocal room
        found = variables.get(use[1])
        if found is None or len(found) > room:
            return use[0]
        room -= len(found)
        return found

    return _USE.sub(value, part)
