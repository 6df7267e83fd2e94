"""Names in source code replaced by what the same file gives them; what stays a name says nothing about a token.

``audience=AUDIENCE`` and ``f"https://sts.windows.net/{TENANT}/"`` are known as soon as ``AUDIENCE`` and ``TENANT`` are
literals of the file. A name that is given several values, and one that comes from elsewhere, stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.expectations.references import as_placeholder

_HOLE = re.compile(r"\$\{\s*(?P<name>[\w.]{1,100})\s*\}")


def resolved(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of a source file with constants filled in, without truth values and names nobody defines.

    A hole that cannot be filled stays ``${…}``, which makes its value a placeholder; so does the name of a setting.
    """
    collected = tuple(entries)
    constants = _constants(collected)
    for entry in map(as_placeholder, collected):
        if entry.kind is ValueKind.NAME:
            value = constants.get(entry.value.rpartition(".")[2])
            if value is not None:
                yield attrs.evolve(entry, value=value, kind=ValueKind.TEXT)
        elif entry.kind is ValueKind.TEXT:
            yield attrs.evolve(entry, value=_HOLE.sub(lambda hole: _filled(hole, constants), entry.value))
        elif entry.kind not in (ValueKind.BOOLEAN, ValueKind.NULL):
            yield entry


def _constants(entries: Iterable[Entry]) -> Mapping[str, str]:
    values: dict[str, set[str]] = {}
    for entry in entries:
        if entry.kind is ValueKind.TEXT and "${" not in entry.value:
            values.setdefault(entry.key, set()).add(entry.value)
    return {name: next(iter(given)) for name, given in values.items() if len(given) == 1}


def _filled(hole: re.Match[str], constants: Mapping[str, str]) -> str:
    return constants.get(hole["name"].rpartition(".")[2], hole[0])
