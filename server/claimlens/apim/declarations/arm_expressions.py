"""The few expressions of ARM templates that names are put together with: ``concat``, ``format``, ``variables``.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from claimlens.apim.declarations.model import ANYTHING

_CALL: Final = re.compile(r"\[\s*+(concat|format|variables)\s*+\((.*)\)\s*+\]\Z", re.DOTALL | re.IGNORECASE)
_PARAMETER: Final = re.compile(r"\[\s*+parameters\s*+\(\s*+'([^']*+)'\s*+\)\s*+\]\Z", re.IGNORECASE)
_PART: Final = re.compile(r"'(?:[^']|'')*+'|[(),]|[^'(),]++")
_PLACE: Final = re.compile(r"\{(\d+)\}")


def evaluated(written: str, variable: Callable[[str], str | None]) -> str:
    """Return what an expression comes to, with `ANYTHING` for what is not known; a text that is none stays.

    ``variable`` returns the text that a variable of the template is, or None.

    >>> evaluated("[concat(parameters('service'), '/tenant-id')]", lambda name: None)
    '*/tenant-id'
    """
    if not written.startswith("[") or written.startswith("[["):
        return written
    call = _CALL.match(written)
    if call is None:
        return ANYTHING
    name, arguments = call[1].lower(), list(_arguments(call[2]))
    if name == "variables":
        return variable(arguments[0]) or ANYTHING if arguments else ANYTHING
    if name == "concat":
        return "".join(arguments)
    pattern, *given = arguments or [ANYTHING]
    return _PLACE.sub(lambda place: given[int(place[1])] if int(place[1]) < len(given) else ANYTHING, pattern)


def parameter_of(written: str) -> str | None:
    """Return the parameter that an expression is, or None."""
    found = _PARAMETER.match(written)
    return found[1] if found else None


def _arguments(text: str) -> Iterator[str]:
    """Yield the arguments of a call: a literal's text, `ANYTHING` for any other."""
    depth, parts = 0, list[str]()
    for part in (*_PART.findall(text), ","):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "," and depth <= 0:
            yield parts[0][1:-1].replace("''", "'") if len(parts) == 1 and parts[0][0] == "'" else ANYTHING
            parts = []
        elif part.strip():
            parts.append(part.strip())
