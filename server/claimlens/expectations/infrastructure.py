"""Bicep and Terraform: what a name or a call stands for is decided when they are deployed.

A variable of Bicep and a local value of Terraform that is a literal of the same file is known all the same. Everything
else stays open, as ``${…}``: parameters, outputs of modules, attributes of resources, conditions and functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.expectations.vocabulary import role_of

_VARIABLE = re.compile(r"^var[ \t]+(\w+)[ \t]*=[ \t]*'([^'$\\\r\n]*)'[ \t]*\r?$", re.MULTILINE)
_HOLE = re.compile(r"\$\{\s*([\w.]{1,200})\s*\}")


def with_references(text: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of a file, those known filled in, those that are decided elsewhere as ``${…}``."""
    collected = tuple(entries)
    known = _known(text, collected)
    for entry in collected:
        if entry.kind is ValueKind.NAME:
            value = known.get(entry.value, f"${{{entry.value}}}")
            yield attrs.evolve(entry, value=value, kind=ValueKind.TEXT)
        elif entry.kind is ValueKind.TEXT:
            filled = _HOLE.sub(lambda hole: known.get(hole[1], hole[0]), entry.value)
            yield attrs.evolve(_within_a_call(entry), value=filled) if filled != entry.value else _within_a_call(entry)
        else:
            yield entry


def _known(text: str, entries: Iterable[Entry]) -> Mapping[str, str]:
    """Return the variables and local values that are literals, by the names they are used by."""
    known = {f"local.{each.path[1]}": each.value for each in entries if _is_local(each)}
    return {**known, **{found[1]: found[2] for found in _VARIABLE.finditer(text)}}


def _is_local(entry: Entry) -> bool:
    is_literal = entry.kind is ValueKind.TEXT and "${" not in entry.value
    return is_literal and len(entry.path) == 2 and entry.path[0] == "locals"


def _within_a_call(entry: Entry) -> Entry:
    """Return an argument of a function as a value, not known, of the key that the call is given to."""
    if role_of(entry.path) is not None:
        return entry
    for length in range(len(entry.path) - 1, 1, -1):
        if role_of(entry.path[:length]) is not None:
            return attrs.evolve(entry, path=entry.path[:length], value="${…}")
    return entry
